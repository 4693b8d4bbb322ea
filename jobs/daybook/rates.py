"""Exchange rates: units of the reporting currency, the file's base, for one unit, by the day from which they hold."""

import csv
import re
import shlex
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from operator import itemgetter
from pathlib import Path

from daybook.errors import UsageError

HEADER = ["currency", "base", "valid_from", "rate"]
_OLD_HEADER = ["currency", "valid_from", "rate"]
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
# With these digits a rate times an amount fits a decimal of Spark's, exactly.
_RATE = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,12})?", re.ASCII)
# So much of a malformed line is enough to find it.
_SHOWN = 60


@dataclass(frozen=True)
class DayRates:
    """One day's rates: units of the base for one unit of each currency, and the currencies whose rate is too old.

    `since` is the day from which each of the valid ones holds; the base's own has none.
    """

    valid: Mapping[str, Decimal]
    too_old: tuple[str, ...]
    since: Mapping[str, date] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Rates:
    """All rates of the file, exact, by currency and then by `valid_from`; `max_age_days` is how long one is used."""

    base: str
    max_age_days: int
    lines: Mapping[str, list[tuple[date, Decimal]]]

    def on(self, day: date) -> DayRates:
        """The rates of a day: the youngest not after it, up to `max_age_days` old; the base is 1."""
        valid, valid_from, too_old = {self.base: Decimal(1)}, {}, []
        for currency, lines in self.lines.items():
            begun = bisect_right(lines, day, key=itemgetter(0))
            if not begun:
                continue
            since, rate = lines[begun - 1]
            if (day - since).days <= self.max_age_days:
                valid[currency], valid_from[currency] = rate, since
            else:
                too_old.append(currency)
        return DayRates(valid, tuple(too_old), valid_from)


def load(path: Path, base: str, max_age_days: int) -> Rates:
    """Read the rates file, whose base must be the reporting currency `base`.

    Raises:
        UsageError: it is missing, or a line is not `currency,base,valid_from,rate` with a rate that can be used;
            names the line.
    """
    rows = _rows(path)
    _check_header(path, next(rows, []), base)
    found: dict[str, dict[date, Decimal]] = {}
    for number, row in enumerate(rows, start=2):
        currency, since, rate = _entry(path, number, row, base)
        of_currency = found.setdefault(currency, {})
        if since in of_currency:
            raise _malformed(path, f"line {number} repeats {currency} from {since}")
        of_currency[since] = rate
    return Rates(base, max_age_days, {currency: sorted(found[currency].items()) for currency in sorted(found)})


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        # Spreadsheets put a byte order mark before the header.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from csv.reader(lines)
    except OSError as error:
        raise _malformed(path, str(error.strerror)) from None
    except UnicodeDecodeError:
        raise _malformed(path, "not UTF-8") from None
    except csv.Error as error:
        raise _malformed(path, f"not CSV ({error})") from None


def _malformed(path: Path, why: str, then: str | None = None) -> UsageError:
    then = then or "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"
    return UsageError(f"exchange rates {path}: {why}", then=then)


def _check_header(path: Path, header: list[str], base: str) -> None:
    if header == _OLD_HEADER:
        # In this form for both GNU's and BSD's sed; the old file stays beside the new one.
        added = f"sed -i.old -e '1s/,/,base,/' -e '2,$s/,/,{base},/' {shlex.quote(str(path))}"
        raise _malformed(path, "line 1 lacks the column base", f"if its rates are in {base}: {added}")
    if header != HEADER:
        raise _malformed(path, f"line 1 is not {','.join(HEADER)}")


def _entry(path: Path, number: int, row: list[str], base: str) -> tuple[str, date, Decimal]:
    try:
        currency, in_base, valid_from, rate = row
        since = _day(valid_from) if _code(currency) and _code(in_base) else None
    except ValueError:
        since, rate = None, ""
    usable = _RATE.fullmatch(rate)
    if since is None or not (usable or _NUMBER.fullmatch(rate)):
        # the line stays unsaid: a file that is named by mistake may be one of customers
        raise _malformed(path, f"line {number} is not like USD,EUR,2025-01-31,0.9")
    if in_base != base:
        then = f"set DAYBOOK_EXCHANGE_RATES to a file in {base} (make rates FILE=eurofxref-hist.csv BASE={base})"
        raise _malformed(path, f"line {number} is in {in_base}, and DAYBOOK_REPORTING_CURRENCY is {base}", then)
    if currency == base:
        raise _malformed(path, f"line {number} lists {base}, the base, whose rate is 1", "take the line out")
    if not usable or not (value := Decimal(rate)):
        shown = rate[:_SHOWN]
        raise _malformed(path, f"line {number}: rate {shown} is not above 0, below 10000000, of at most 12 decimals")
    return currency, since, value


# A file of all the central bank's rates has some hundred thousand lines, and few days and codes.
@cache
def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if str(day) == text else None


@cache
def _code(text: str) -> bool:
    return re.fullmatch(r"[A-Z]{3}", text, re.ASCII) is not None
