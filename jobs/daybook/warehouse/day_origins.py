"""`day_origins`: one row per table-day in the file, with what its gold manifest tells of its making."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC

import duckdb

from daybook.lake import lineage
from daybook.warehouse.history import Load
from daybook.warehouse.own_table import OwnTable
from daybook.warehouse.tabledays import Making, TableDay

TABLE = OwnTable(
    "day_origins",
    "One row per table-day in the file: when it came, and what it was made from.",
    (
        ("table_name", "VARCHAR", "The gold table."),
        ("ds", "DATE", "The UTC day."),
        ("version", "BIGINT", "The number of gold's publication: 1 again where gold was deleted."),
        ("loaded_at", "TIMESTAMP WITH TIME ZONE", "When the load ran."),
        ("published_at", "TIMESTAMP WITH TIME ZONE", "When gold published this version; NULL: not known."),
        ("is_complete", "BOOLEAN", "Whether each day read had ended when it was extracted; NULL: not known."),
        ("absent", "DATE[]", "Days of which no silver was there when it was made, though it reads them."),
        ("origin", "VARCHAR", "What its silver was made from, as JSON."),
    ),
    nullable=("published_at", "is_complete", "absent", "origin"),
)


def write(db: duckdb.DuckDBPyConnection, loads: Iterable[Load], facts: Mapping[TableDay, Making]) -> None:
    """Make the table of what is current, in the connection's current database."""
    current = [(load, facts.get(load.of)) for load in loads if load.is_current]
    TABLE.write(
        db,
        (
            (load.of.table, load.of.day, load.version.number, load.loaded_at.replace(tzinfo=UTC))
            + ((of.published_at, of.is_complete, list(of.absent), json.dumps(of.origin)) if of else (None,) * 4)
            for load, of in current
        ),
    )


def makings(db: duckdb.DuckDBPyConnection) -> dict[TableDay, Making]:
    """What is known of the table-days in the connection's current database."""
    return {
        TableDay(table, day): Making(
            published_at.astimezone(UTC), is_complete, tuple(absent), lineage.origin(json.loads(origin))
        )
        for table, day, _, _, published_at, is_complete, absent, origin in TABLE.rows(db)
        if published_at is not None
    }
