"""What the cleaned tables must show, counted from the planted cases, not from the rows' contents."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from local.seed.cases import CASE_OF
from local.seed.plan import DAY, Plan
from local.seed.rows import Row
from local.seed.tables import TABLES, Table

Ledger = dict[str, int | dict[str, int]]
# rows by table, day (None in a whole table) and case
Tally = Counter[tuple[str, int | None, str]]


def counted(plan: Plan, table: str, rows: Iterable[Row], tally: Tally) -> Iterator[Row]:
    """Pass the rows on and count them on the way."""
    first = plan.midnight(0)
    for row in rows:
        tally[table, None if row.at is None else (row.at - first) // DAY, row.case] += 1
        yield row


def expectation(plan: Plan, tally: Tally) -> dict[str, object]:
    """The arguments, the ledger of each table-day, and what was planted in all."""
    days = {
        date.isoformat(): {table.name: _ledger(table, day, tally) for table in TABLES}
        for day, date in enumerate(plan.dates)
    }
    late = {
        date.isoformat(): tally["user_notifications", day, "clicked_next_day"] for day, date in enumerate(plan.dates)
    }
    return {"arguments": plan.arguments(), "days": days, "late_clicks": late, "planted": _planted(tally)}


def write(path: Path, expected: Mapping[str, object]) -> None:
    """Write the expectation as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")


def _ledger(table: Table, day: int, tally: Tally) -> Ledger:
    """One table-day; a whole table is the same every day, a window may reach some days back."""
    days = {None} if table.plant is None else set(range(day - table.days_back, day + 1))
    rejected = duplicates = bronze = 0
    reasons: Counter[str] = Counter()
    for (name, at, case_name), rows in tally.items():
        if name != table.name or at not in days:
            continue
        bronze += rows
        case = CASE_OF.get((name, case_name))
        if case is not None and case.reasons:
            rejected += rows
            reasons.update(dict.fromkeys(case.reasons, rows))
        elif case is not None and case.duplicate:
            duplicates += rows
    return {
        "bronze": bronze,
        "silver": bronze - rejected - duplicates,
        "rejected": rejected,
        "duplicates": duplicates,
        "rejected_by_reason": dict(sorted(reasons.items())),
    }


def _planted(tally: Tally) -> dict[str, dict[str, int]]:
    """Rows of each planted case over all days."""
    planted: dict[str, dict[str, int]] = {}
    for table, name in CASE_OF:
        rows = sum(count for (in_table, _, case), count in tally.items() if (in_table, case) == (table, name))
        planted.setdefault(table, {})[name] = rows
    return planted
