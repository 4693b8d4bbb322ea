"""`make rates`: the European Central Bank's reference rates (eurofxref-hist.csv) as our file of exchange rates."""

import csv
import os
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path

from toolchain import places
from toolchain.report import LocalError, say

_HEADER = ("currency", "base", "valid_from", "rate")
_EURO = "EUR"  # the bank gives units of each currency for one euro
_NO_RATE = ("N/A", "")
_LAST_DECIMAL = Decimal("1e-12")
_TOO_LARGE = Decimal(10) ** 7
# More digits than the quotient of two of the bank's figures needs to lie on the right side of a half.
_DIGITS = 60

Line = tuple[str, str, str, str]


class RatesError(LocalError):
    """The bank's file, or what was asked of it, is not right: the same command again cannot help."""

    exit_code = 2


def write(source: str | None, base: str) -> None:
    """Convert the bank's file into the rates file of the settings, which is replaced in one step.

    Raises:
        RatesError: the file is missing or not in the bank's form, lacks the base, or has a rate that cannot be used.
    """
    if not source:
        raise RatesError("which file? run: make rates FILE=eurofxref-hist.csv, or with BASE=USD for rates in dollars")
    target = (
        Path(os.environ.get("DAYBOOK_EXCHANGE_RATES") or places.ROOT / "conf" / "exchange_rates.csv")
        .expanduser()
        .resolve()
    )
    lines = sorted(converted(_rows(Path(source)), base, source))
    building = target.with_name(f"{target.name}.building")
    try:
        with building.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([_HEADER, *lines])
        building.replace(target)
    except OSError as error:
        raise RatesError(f"{target}: {error.strerror}; set DAYBOOK_EXCHANGE_RATES to a file to be written") from None
    days = sorted({since for _, _, since, _ in lines})
    span = f", {days[0]} to {days[-1]}" if days else ""
    say(f"{target}: {len(lines):,} rates of {len({line[0] for line in lines})} currencies in {base}{span}")


def converted(rows: Iterable[list[str]], base: str, name: str) -> Iterator[Line]:
    """Yield a line of the rates file for each figure of the bank's: units of `base` for one unit, to twelve decimals.

    Rounded once, half to even, from the bank's own figures; a day on which the bank has none for `base` gives no line.

    Raises:
        RatesError: the rows are not in the bank's form, lack the base, or give a rate that cannot be used.
    """
    numbered = enumerate(rows, start=1)
    currencies = _currencies(next(numbered, (1, []))[1], base, name)
    seen = set()
    for number, row in numbered:
        day, figures = _figures(row, currencies, f"{name}: line {number}")
        if day in seen:
            raise RatesError(f"{name}: line {number} repeats {day}")
        seen.add(day)
        if base in figures:
            for currency in figures.keys() - {base}:
                rate = _rate(figures[base], figures[currency])
                if not 0 < rate < _TOO_LARGE:
                    raise RatesError(f"{name}: line {number}: {rate:f} {base} for one {currency} is no usable rate")
                yield currency, base, day, f"{rate:f}"


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    except (OSError, ValueError, csv.Error) as error:
        raise RatesError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _currencies(header: list[str], base: str, name: str) -> list[str]:
    """The currencies of the columns; the bank ends each line with a comma."""
    names = [field.strip() for field in header]
    while names and not names[-1]:
        names.pop()
    currencies = names[1:]
    codes = all(re.fullmatch(r"[A-Z]{3}", code) and code != _EURO for code in currencies)
    if names[:1] != ["Date"] or not currencies or not codes or len(set(currencies)) < len(currencies):
        raise RatesError(f"{name}: line 1 is not Date,USD,JPY,… as in the European Central Bank's eurofxref-hist.csv")
    if base not in (_EURO, *currencies):
        raise RatesError(f"{name}: line 1 has no column {base}; BASE is EUR or one of {', '.join(currencies)}")
    return currencies


def _figures(row: list[str], currencies: list[str], where: str) -> tuple[str, dict[str, Decimal]]:
    """The day and its figures, the euro's included."""
    day, *fields = (field.strip() for field in row) if row else [""]
    figures = {_EURO: Decimal(1)}
    try:
        if str(date.fromisoformat(day)) != day or len(fields) < len(currencies) or any(fields[len(currencies) :]):
            raise ValueError
        for currency, text in zip(currencies, fields, strict=False):
            if text not in _NO_RATE:
                if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text, re.ASCII) or not Decimal(text):
                    raise ValueError
                figures[currency] = Decimal(text)
    except ValueError:
        raise RatesError(f"{where} {','.join(row)[:60]!r} is not a day and a figure or N/A for each currency") from None
    return day, figures


def _rate(base: Decimal, currency: Decimal) -> Decimal:
    with localcontext(prec=_DIGITS):
        return (base / currency).quantize(_LAST_DECIMAL, ROUND_HALF_EVEN)
