"""`restatements`: a receipt for each figure of a day that a load has changed, and why it did."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from daybook.contracts.gold_model import GoldColumn, GoldTable
from daybook.warehouse.own_table import OwnTable
from daybook.warehouse.schema import name

Receipt = tuple[Any, ...]  # a row of the table
# Day, figure, before, after, rows removed, rows added.
Change = tuple[date, str, Any, Any, int, int]

TABLE = OwnTable(
    "restatements",
    "One row per figure, table-day and load that changed it. What was not in the file before is no restatement.",
    (
        ("loaded_at", "TIMESTAMP WITH TIME ZONE", "When the load ran."),
        ("table_name", "VARCHAR", "The gold table."),
        ("date", "DATE", "The UTC day."),
        ("figure", "VARCHAR", "rows, or the column that is added up: durations in seconds, what is true counted."),
        ("before", "DECIMAL(38,6)", "The day's sum before the load."),
        ("after", "DECIMAL(38,6)", "And after it."),
        ("change", "DECIMAL(38,6)", "What must be added to the former for the latter."),
        ("rows_removed", "BIGINT", "Rows of the day that the file has no more, of all its columns."),
        ("rows_added", "BIGINT", "Rows of the day that it did not have before."),
        (
            "causes",
            "VARCHAR[]",
            "neighbour: silver of a day read came or went; refreshed: a source was read again; rate, setting, rule: "
            "another is in force; forced: made again by hand; unknown: made by a Daybook that keeps no origins.",
        ),
        ("was_final", "BOOLEAN", "What day_status said of it before; NULL: not known."),
    ),
    nullable=("was_final",),
)
_SUMS = {
    "int": "sum({})",
    "bigint": "sum({})",
    "boolean": "count_if({})",
    "money": "sum(CAST({} AS DECIMAL(18, 2)))",
    "duration": "sum(CAST(epoch_us({}) AS DECIMAL(18, 0)) * CAST(0.000001 AS DECIMAL(7, 6)))",
}


def found(
    db: duckdb.DuckDBPyConnection, table: GoldTable, days: Collection[date], there: Collection[str]
) -> Iterator[Change]:
    """What differs between `kept` and the new file, figure by figure.

    `there` are the columns that both have. A day whose rows differ in no sum is told by its number of rows.
    """
    columns = [column for column in table.columns if column.name in there]
    removed, added = _only_in("kept.", "", table, columns, days), _only_in("", "kept.", table, columns, days)
    removed_rows, added_rows = dict(db.execute(*removed).fetchall()), dict(db.execute(*added).fetchall())
    figures = _figures(columns)
    before, after = (_sums(db, place, table, figures, days) for place in ("kept.", ""))
    nothing = (0,) * len(figures)
    for day in sorted(removed_rows.keys() | added_rows.keys()):
        rows = removed_rows.get(day, 0), added_rows.get(day, 0)
        sums = list(zip(figures, before.get(day, nothing), after.get(day, nothing), strict=True))
        changed = [each for each in sums if each[1] != each[2]]
        yield from ((day, *each, *rows) for each in changed or sums[:1])


def _figures(columns: Sequence[GoldColumn]) -> dict[str, str]:
    """What is added up, by the column's name; the number of rows first."""
    sums = {column.name: _SUMS[column.type].format(name(column.name)) for column in columns if column.type in _SUMS}
    return {
        figure: f"CAST(coalesce({sql}, 0) AS DECIMAL(38, 6))" for figure, sql in {"rows": "count(*)", **sums}.items()
    }


def _only_in(
    here: str, not_there: str, table: GoldTable, columns: Sequence[GoldColumn], days: Collection[date]
) -> tuple[str, list[object]]:
    """The query that counts, by day, the rows that one file has and the other has not."""
    listed, day = ", ".join(name(column.name) for column in columns), name(table.day_column)
    of_days = f"{name(table.name)} WHERE {day} IN (SELECT unnest(CAST(? AS DATE[])))"
    rows = f"SELECT {listed} FROM {here}{of_days} EXCEPT ALL SELECT {listed} FROM {not_there}{of_days}"
    return f"SELECT {day}, count(*) FROM ({rows}) GROUP BY ALL", [sorted(days), sorted(days)]


def _sums(
    db: duckdb.DuckDBPyConnection, place: str, table: GoldTable, figures: Mapping[str, str], days: Collection[date]
) -> dict[date, tuple[Any, ...]]:
    day = name(table.day_column)
    of_days = f"{place}{name(table.name)} WHERE {day} IN (SELECT unnest(CAST(? AS DATE[])))"
    query = f"SELECT {day}, {', '.join(figures.values())} FROM {of_days} GROUP BY {day}"
    return {row[0]: row[1:] for row in db.execute(query, [sorted(days)]).fetchall()}
