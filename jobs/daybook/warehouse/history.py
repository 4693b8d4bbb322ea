"""`load_history`: one row per table-day and load, kept for good; `is_current` marks what the file holds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from daybook.warehouse.own_table import OwnTable
from daybook.warehouse.tabledays import Fetched, TableDay, Version

TABLE = OwnTable(
    "load_history",
    "One row per table-day and load; those that are not current are history.",
    (
        ("loaded_at", "TIMESTAMP", "When the load ran, UTC."),
        ("table_name", "VARCHAR", "The table loaded."),
        ("ds", "DATE", "The UTC day loaded."),
        ("rows", "BIGINT", "Rows of that table and day."),
        ("manifest_version", "BIGINT", "The number of gold's publication: 1 again where gold was deleted."),
        ("manifest_etag", "VARCHAR", "The ETag of the gold manifest: names the very version."),
        ("is_current", "BOOLEAN", "Whether the rows of this version are in the file now."),
    ),
)


@dataclass(frozen=True)
class Load:
    """One row of `load_history`."""

    loaded_at: datetime
    of: TableDay
    version: Version
    is_current: bool = True


def current(history: Iterable[Load]) -> dict[TableDay, Version]:
    """The table-days in the file, each with its version."""
    return {load.of: load.version for load in history if load.is_current}


def after(history: Sequence[Load], fetched: Collection[Fetched], loaded_at: datetime, *, rebuild: bool) -> list[Load]:
    """The history once `fetched` is loaded; a rebuild keeps nothing that was loaded before."""
    replaced = {day.of for day in fetched}
    kept = [load.is_current and not rebuild and load.of not in replaced for load in history]
    past = [replace(load, is_current=is_kept) for load, is_kept in zip(history, kept, strict=True)]
    return past + [Load(loaded_at, day.of, day.version) for day in fetched]


def write(db: duckdb.DuckDBPyConnection, history: Iterable[Load]) -> None:
    """Make the table in the connection's current database."""
    loads = ((load, load.version) for load in history)
    TABLE.write(
        db,
        ((load.loaded_at, load.of.table, load.of.day, v.rows, v.number, v.etag, load.is_current) for load, v in loads),
    )


def loads(db: duckdb.DuckDBPyConnection) -> list[Load]:
    """The history in the connection's current database, in the order of loading."""
    return [
        Load(loaded_at, TableDay(table, day), Version(number, etag, rows), is_current)
        for loaded_at, table, day, rows, number, etag, is_current in TABLE.rows(db)
    ]
