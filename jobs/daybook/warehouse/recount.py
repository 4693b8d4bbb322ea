"""The proof, before anyone sees the new file: it holds the rows and sums that gold's manifests promise."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.warehouse import engine, history
from daybook.warehouse.schema import name
from daybook.warehouse.tabledays import Fetched, TableDay


def recount(path: Path, tables: Iterable[GoldTable], fetched: Sequence[Fetched]) -> dict[str, int]:
    """Compare the closed file with its load history and with the ledgers; returns the rows of each table.

    Raises:
        DataError: rows or sums differ.
    """
    with engine.explaining(f"verifying {path.name}"), closing(engine.reader(path)) as db:
        promised = {of: version.rows for of, version in history.current(history.loads(db)).items()}
        totals = {}
        for table in tables:
            days = {of.day: rows for of, rows in promised.items() if of.table == table.name}
            totals[table.name] = _check_rows(db, table, days)
            for day in fetched:
                if day.of.table == table.name:
                    _check_figures(db, table, day)
        return totals


def _check_rows(db: duckdb.DuckDBPyConnection, table: GoldTable, promised: Mapping[date, int]) -> int:
    column = name(table.day_column)
    found = dict(db.execute(f"SELECT {column}, count(*) FROM {name(table.name)} GROUP BY ALL").fetchall())
    for day in (*found, *promised):
        if found.get(day, 0) != promised.get(day, 0):
            raise _differs(TableDay(table.name, day), "rows", found.get(day, 0), promised.get(day, 0))
    return sum(found.values())


def _check_figures(db: duckdb.DuckDBPyConnection, table: GoldTable, day: Fetched) -> None:
    """Those of the contract's figures that the ledger has: gold of an older Daybook may lack some."""
    promised = {line: _number(day.ledger[line], day, line) for line in table.figures if line in day.ledger}
    if not promised:
        return
    figures = ", ".join(table.figures[line] for line in promised)
    where = f"FROM {name(table.name)} WHERE {name(table.day_column)} = ?"
    found = db.execute(f"SELECT {figures} {where}", [day.of.day]).fetchone() or ()
    for line, value in zip(promised, found, strict=True):
        if Decimal(value) != promised[line]:
            raise _differs(day.of, line, value, day.ledger[line])


def _number(value: object, day: Fetched, entry: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise DataError(f"gold {day.of}: {entry} in the manifest is {value!r}, not a number") from None


def _differs(of: TableDay, entry: str, found: object, promised: object) -> DataError:
    return DataError(
        f"{of}: {entry} {found} in the new file, {promised} in gold's manifest; nothing was replaced",
        then=f"{commands.gold(of.day, of.day)} --force",
    )
