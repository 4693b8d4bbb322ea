"""Building the next warehouse file: days kept from the live one, days that changed from Parquet."""

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.warehouse import book, engine, receipts, schema
from daybook.warehouse.book import Book
from daybook.warehouse.current import Predecessor
from daybook.warehouse.schema import literal, name
from daybook.warehouse.tabledays import Fetched

# The oldest storage that every DuckDB 1.x and 2.0 opens. 2.0's own does not open in 1.x; 1.5's is no smaller.
STORAGE = "v1.0.0"
# Without the option, a folder called `x=y` anywhere above would become a column x.
_PARQUET = "read_parquet(?, hive_partitioning = false)"


def build(
    target: Path, tables: Sequence[GoldTable], before: Predecessor, fetched: Sequence[Fetched], known: Book
) -> None:
    """Write a whole new file at `target`, in a folder that also takes what does not fit into memory.

    Args:
        target: the file to make; nothing may be there.
        tables: the tables it holds.
        before: what it replaces.
        fetched: the table-days that replace what the file before has of them.
        known: what the new file knows of itself, but for the receipts, which are reckoned here.

    Raises:
        DataError: a Parquet file is not what its contract says.
        RetryableError: disk or memory failed.
        OSError: the folder cannot be written to.
    """
    old, folder = before.book, target.parent
    with engine.explaining(f"building {target.name}", folder), closing(engine.in_memory(folder)) as db:
        db.execute(f"ATTACH {literal(target)} AS warehouse (STORAGE_VERSION {literal(STORAGE)})")
        if before.path:
            db.execute(f"ATTACH {literal(before.path)} AS kept (READ_ONLY)")
        db.execute("USE warehouse")
        db.execute("BEGIN")  # one commit: each would wait for the disk
        for table in tables:
            there = old.columns.get(table.name, ()) if before.keeps_days else ()
            _fill(db, table, [day for day in fetched if day.of.table == table.name], there)
        given = receipts.of_load(db, tables, fetched, old, known) if before.path else ()
        book.write(db, replace(known, receipts=[*old.receipts, *given]), tables)
        db.execute("COMMIT")
        db.execute("CHECKPOINT warehouse")
        db.execute("USE memory")
        db.execute("DETACH warehouse")


def _fill(db: duckdb.DuckDBPyConnection, table: GoldTable, changed: Sequence[Fetched], there: Collection[str]) -> None:
    """One table, ordered so that a day is a stretch of neighbouring row groups; `there` are the columns kept."""
    for day in changed:
        for file in day.files:
            _check_file(db, table, day, file)
    parts, values = [schema.no_rows(table)], list[object]()
    day_column = name(table.day_column)
    if there:
        others = f"{day_column} NOT IN (SELECT unnest(CAST(? AS DATE[])))"
        parts.append(f"SELECT {schema.kept(table, there)} FROM kept.{name(table.name)} WHERE {others}")
        values.append([day.of.day for day in changed])
    if paths := [file for day in changed for file in day.files]:
        parts.append(f"SELECT {schema.from_parquet(table)} FROM {_PARQUET}")
        values.append(paths)
    order = ", ".join([day_column, name(table.columns[0].name)])
    db.execute(f"CREATE TABLE {name(table.name)} AS {' UNION ALL '.join(parts)} ORDER BY {order}", values)


def _check_file(db: duckdb.DuckDBPyConnection, table: GoldTable, day: Fetched, file: str) -> None:
    """A cast would make up for a type the contract does not know, and hide that gold is not what it says."""
    with engine.explaining(str(day.of)):
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
