"""Was anything lost or refused? Each source table's ledger, and the reasons, against what is usual."""

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median

from daybook import commands, days
from daybook.contracts import SOURCE_TABLES
from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY as REASONS
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY as LEDGER
from daybook.page.facts import LedgerLine, Reason
from daybook.page.formatting import short
from daybook.page.limits import Limits
from daybook.page.warehouse import USUAL, Warehouse, shown_days

_KNOWN = [table.name for table in SOURCE_TABLES]
_COUNTS = "source_rows, bronze_rows, silver_rows, rejected_rows, duplicate_rows"
_LINES = f"SELECT source_table, date, {_COUNTS} FROM {LEDGER.name} WHERE date BETWEEN ? AND ?"
_REASONS = f"SELECT source_table, reason, date, rejected_rows FROM {REASONS.name} WHERE date BETWEEN ? AND ?"

Counts = tuple[int | None, ...]


def of_day(warehouse: Warehouse, day: date, limits: Limits) -> dict[str, LedgerLine]:
    """What became of the rows of each source table, in contract order."""
    by_table: dict[str, dict[date, Counts]] = {}
    for table, of, *counts in warehouse.rows(_LINES, [_first(day), day]):
        by_table.setdefault(table, {})[of] = tuple(counts)
    there = sorted((name for name, lines in by_table.items() if day in lines), key=_order)
    return {short(name): _line(by_table[name], day, limits.is_over(day, name)) for name in there}


def _line(counts: Mapping[date, Counts], day: date, over_limit: bool) -> LedgerLine:
    source, bronze, silver, rejected, duplicates = counts[day]
    shares = {of: _share(rows) for of, rows in counts.items()}
    usual, share = _usual(shares, day), shares[day]
    return LedgerLine(
        source,
        bronze,
        silver,
        rejected,
        duplicates,
        balances=source in (None, bronze) and bronze == sum(count or 0 for count in (silver, rejected, duplicates)),
        share=share,
        usual=usual,
        factor=_factor(share, usual),
        over_limit=over_limit,
        shares=tuple(shares.get(of) for of in shown_days(day)),
    )


def reasons_of_day(warehouse: Warehouse, day: date, limits: Limits) -> tuple[Reason, ...]:
    """The day's reasons, those furthest above what is usual first; a day with a ledger and without it had 0 rows."""
    query = f"SELECT DISTINCT date FROM {LEDGER.name} WHERE date BETWEEN ? AND ?"
    looked = [of for (of,) in warehouse.rows(query, [_first(day), day])]
    found: dict[tuple[str, str], dict[date, int]] = {}
    for table, reason, of, rows in warehouse.rows(_REASONS, [_first(day), day]):
        found.setdefault((table, reason), dict.fromkeys(looked, 0))[of] = rows
    given = [_reason(*key, rows, day, limits.is_new(day, *key)) for key, rows in found.items() if rows.get(day)]
    return tuple(sorted(given, key=lambda r: (not r.is_new, -(r.factor or 0), -r.rows, r.table, r.reason)))


def _reason(table: str, reason: str, rows: Mapping[date, int], day: date, is_new: bool) -> Reason:
    usual = _usual(rows, day)
    return Reason(
        short(table),
        short(reason),
        rows[day],
        usual,
        _factor(rows[day], usual),
        is_new,
        short(commands.rejected(table, day, reason)),
        tuple(rows.get(of) for of in shown_days(day)),
    )


def _first(day: date) -> date:
    return min(shown_days(day)[0], days.shifted(day, -USUAL))


def _usual(values: Mapping[date, float | None], day: date) -> float | None:
    """The median of the days before; None where there is none."""
    before = [values.get(of) for of in days.through(days.shifted(day, -USUAL), days.shifted(day, -1))]
    known = [value for value in before if value is not None]
    return median(known) if known else None


def _factor(value: float | None, usual: float | None) -> float | None:
    return value / usual if value is not None and usual else None


def _share(counts: Sequence[int | None]) -> float | None:
    _, bronze, _, rejected, _ = counts
    return rejected / bronze if bronze and rejected is not None else None


def _order(table: str) -> tuple[int, str]:
    return (_KNOWN.index(table) if table in _KNOWN else len(_KNOWN), table)
