"""Building the next warehouse file: days kept from the live one, days that changed from Parquet."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.warehouse import engine, history, schema
from daybook.warehouse.history import Load
from daybook.warehouse.schema import literal, name
from daybook.warehouse.tabledays import Fetched

# The oldest storage that every DuckDB 1.x and 2.0 opens. 2.0's own does not open in 1.x; 1.5's is no smaller.
STORAGE = "v1.0.0"
# Without the option, a folder called `x=y` anywhere above would become a column x.
_PARQUET = "read_parquet(?, hive_partitioning = false)"


def build(
    target: Path,
    tables: Iterable[GoldTable],
    kept_from: Path | None,
    fetched: Sequence[Fetched],
    loads: Iterable[Load],
    scratch: Path,
) -> None:
    """Write a whole new file at `target`.

    Args:
        target: the file to make; nothing may be there.
        tables: the tables it holds.
        kept_from: the file whose other days are taken over; None for a file of `fetched` alone.
        fetched: the table-days that replace what `kept_from` has of them.
        loads: the load history of the new file.
        scratch: a folder for what does not fit into memory.

    Raises:
        DataError: a Parquet file is not what its contract says.
        RetryableError: disk or memory failed.
        OSError: the folder cannot be written to.
    """
    with engine.explained(f"building {target.name}", scratch), closing(engine.scratch(scratch)) as db:
        db.execute(f"ATTACH {literal(target)} AS warehouse (STORAGE_VERSION {literal(STORAGE)})")
        if kept_from:
            db.execute(f"ATTACH {literal(kept_from)} AS kept (READ_ONLY)")
        db.execute("USE warehouse")
        db.execute("BEGIN")  # one commit: each would wait for the disk
        for table in tables:
            _fill(db, table, [day for day in fetched if day.of.table == table.name], kept_from is not None)
        history.write(db, loads)
        db.execute("COMMIT")
        db.execute("CHECKPOINT warehouse")
        db.execute("USE memory")
        db.execute("DETACH warehouse")


def _fill(db: duckdb.DuckDBPyConnection, table: GoldTable, changed: Sequence[Fetched], keep: bool) -> None:
    """One table with its view and comments, ordered so that a day is a stretch of neighbouring row groups."""
    for day in changed:
        for file in day.files:
            _check_file(db, table, day, file)
    parts, values = [schema.no_rows(table)], list[object]()
    day_column = name(table.day_column)
    if keep:
        others = f"{day_column} NOT IN (SELECT unnest(CAST(? AS DATE[])))"
        parts.append(f"SELECT {schema.columns(table)} FROM kept.{name(table.name)} WHERE {others}")
        values.append([day.of.day for day in changed])
    if paths := [file for day in changed for file in day.files]:
        parts.append(f"SELECT {schema.from_parquet(table)} FROM {_PARQUET}")
        values.append(paths)
    order = ", ".join([day_column, name(table.columns[0].name)])
    db.execute(f"CREATE TABLE {name(table.name)} AS {' UNION ALL '.join(parts)} ORDER BY {order}", values)
    db.execute(f"CREATE VIEW {name(table.view)} AS {schema.view(table)}")
    for statement in schema.comments(table):
        db.execute(statement)


def _check_file(db: duckdb.DuckDBPyConnection, table: GoldTable, day: Fetched, file: str) -> None:
    """A cast would make up for a type the contract does not know, and hide that gold is not what it says."""
    with engine.explained(str(day.of)):
        rows = db.execute(f"DESCRIBE SELECT * FROM {_PARQUET}", [[file]]).fetchall()
    found = {row[0]: row[1] for row in rows}
    expected = {column.name: column.type_in.parquet for column in table.columns}
    for column in sorted(found.keys() | expected.keys()):
        if found.get(column) != expected.get(column):
            raise DataError(
                f"gold {day.of}: column {column} is {found.get(column, 'missing')} in Parquet, "
                f"the contract says {expected.get(column, 'no such column')}",
                then=f"{commands.gold(day.of.day, day.of.day)} --force",
            )
