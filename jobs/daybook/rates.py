"""Exchange rates: the reporting currency's units for one unit, by the day from which they hold."""

import csv
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from daybook.errors import UsageError

_HEADER = ["currency", "valid_from", "rate"]
_RATE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,8})?", re.ASCII)
# So much of a malformed line is enough to find it.
_SHOWN = 60


@dataclass(frozen=True)
class Rates:
    """All rates of the file: (currency, valid_from) → rate, exact."""

    entries: dict[tuple[str, date], Decimal]

    def on(self, day: date, reporting_currency: str) -> dict[str, Decimal]:
        """The rates valid on a day: the youngest not after it; the reporting currency is 1 unless listed."""
        valid = {reporting_currency: Decimal(1)}
        for (currency, since), rate in sorted(self.entries.items()):
            if since <= day:
                valid[currency] = rate
        return valid


def load(path: Path) -> Rates:
    """Read the rates file.

    Raises:
        UsageError: it is missing, or a line is not `currency,valid_from,rate`; names the line.
    """
    rows = _rows(path)
    if not rows or rows[0] != _HEADER:
        raise _malformed(path, f"line 1 is not {','.join(_HEADER)}")
    entries: dict[tuple[str, date], Decimal] = {}
    for number, row in enumerate(rows[1:], start=2):
        key, rate = _entry(path, number, row)
        if key in entries:
            raise _malformed(path, f"line {number} repeats {key[0]} from {key[1]}")
        entries[key] = rate
    return Rates(entries)


def _rows(path: Path) -> list[list[str]]:
    try:
        # Spreadsheets put a byte order mark before the header.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.reader(lines))
    except OSError as error:
        raise _malformed(path, str(error.strerror)) from None
    except UnicodeDecodeError:
        raise _malformed(path, "not UTF-8") from None
    except csv.Error as error:
        raise _malformed(path, f"not CSV ({error})") from None


def _malformed(path: Path, why: str) -> UsageError:
    then = "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"
    return UsageError(f"exchange rates {path}: {why}", then=then)


def _entry(path: Path, number: int, row: list[str]) -> tuple[tuple[str, date], Decimal]:
    try:
        currency, since, rate = row
        if not re.fullmatch(r"[A-Z]{3}", currency) or not _RATE.fullmatch(rate) or not Decimal(rate):
            raise ValueError
        if str(date.fromisoformat(since)) != since:
            raise ValueError
        return (currency, date.fromisoformat(since)), Decimal(rate)
    except ValueError:
        line = ",".join(row)[:_SHOWN]
        raise _malformed(path, f"line {number} {line!r} is not like USD,2025-01-31,0.9") from None
