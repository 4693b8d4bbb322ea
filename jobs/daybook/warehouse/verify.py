"""The proof, before anyone sees the new file: it holds the rows and sums that gold's manifests promise."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from daybook.contracts import GOLD_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.warehouse import engine, history, schema
from daybook.warehouse.schema import name
from daybook.warehouse.tabledays import Fetched

# Ledger entries of a gold manifest, by table, and the exact sum each one must equal. A double of cents is
# exact again as a decimal.
SUMS: Mapping[str, Mapping[str, str]] = {
    "global_user_activity_per_day": {
        "messages": 'sum("total_message_send_this_day")',
        "money": 'sum(CAST("total_money_spend" AS DECIMAL(38, 2)))',
    },
}


def verify(path: Path, fetched: Iterable[Fetched]) -> dict[str, int]:
    """Compare the closed file with its load history and with the ledgers; returns the rows of each table.

    Raises:
        DataError: rows or sums differ.
    """
    with engine.explained(f"verifying {path.name}"), closing(engine.reader(path)) as db:
        promised = {of: version.rows for of, version in history.current(history.read(db)).items()}
        totals = {}
        for table in GOLD_TABLES:
            days = {of.day: rows for of, rows in promised.items() if of.table == table.name}
            totals[table.name] = _check_rows(db, table, days)
        for day in fetched:
            _check_sums(db, day)
        return totals


def _check_rows(db: duckdb.DuckDBPyConnection, table: GoldTable, promised: Mapping[date, int]) -> int:
    column = name(schema.day_column(table))
    found = dict(db.execute(f"SELECT {column}, count(*) FROM {name(table.name)} GROUP BY ALL").fetchall())
    for day in (*found, *promised):
        if found.get(day, 0) != promised.get(day, 0):
            raise _differs(f"{table.name} {day}", "rows", found.get(day, 0), promised.get(day, 0))
    return sum(found.values())


def _check_sums(db: duckdb.DuckDBPyConnection, day: Fetched) -> None:
    table = next(table for table in GOLD_TABLES if table.name == day.of.table)
    where = f"FROM {name(table.name)} WHERE {name(schema.day_column(table))} = ?"
    for entry, expression in SUMS.get(table.name, {}).items():
        if entry not in day.ledger:
            continue
        row = db.execute(f"SELECT {expression} {where}", [day.of.day]).fetchone()
        found = Decimal(row[0] if row and row[0] is not None else 0)
        if found != _number(day.ledger[entry], day, entry):
            raise _differs(str(day.of), entry, found, day.ledger[entry])


def _number(value: object, day: Fetched, entry: str) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise DataError(f"gold {day.of}: {entry} in the manifest is {value!r}, not a number") from None


def _differs(what: str, entry: str, found: object, promised: object) -> DataError:
    return DataError(
        f"{what}: {entry} {found} in the new file, {promised} in gold's manifest; nothing was replaced",
        then=f"spark-submit jobs/gold.py --ds {what.rpartition(' ')[2]} --force",
    )
