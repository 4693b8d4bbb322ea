"""The receipts of a load: which figures of days that the file held before it has changed, and why."""

from collections.abc import Iterator, Sequence
from datetime import UTC

import duckdb

from daybook.contracts.gold_model import GoldTable
from daybook.lake import lineage
from daybook.warehouse import day_status, history, restatements
from daybook.warehouse.book import Book
from daybook.warehouse.restatements import Receipt
from daybook.warehouse.tabledays import Fetched, Making, TableDay


def of_load(
    db: duckdb.DuckDBPyConnection, tables: Sequence[GoldTable], fetched: Sequence[Fetched], old: Book, new: Book
) -> Iterator[Receipt]:
    """The rows that the load adds to `restatements`, while the file before it is attached as `kept`."""
    loaded = history.current(old.loads)
    was_final = _final_before(db)
    for table in tables:
        days = [day.of.day for day in fetched if day.of.table == table.name and day.of in loaded]
        there = old.columns.get(table.name, ())
        if table.is_ledger or not days or not there:
            continue
        for day, figure, before, after, removed, added in restatements.found(db, table, days, there):
            of = TableDay(table.name, day)
            why = causes_of_change(old.facts.get(of), new.facts.get(of))
            loaded_at = new.loads[-1].loaded_at.replace(tzinfo=UTC)
            yield (
                loaded_at,
                of.table,
                day,
                figure,
                before,
                after,
                after - before,
                removed,
                added,
                why,
                was_final.get(of),
            )


def causes_of_change(before: Making | None, after: Making | None) -> list[str]:
    """Why a table-day is another than it was."""
    if before is None or after is None or not before.origin or not after.origin:
        return ["unknown"]
    old, new = before.origin["inputs"], after.origin["inputs"]
    both = [(old[name], new[name]) for name in old.keys() & new.keys()]
    both_and_own = [*both, (before.origin["own"], after.origin["own"])]
    why = {
        "neighbour": _came_or_went(before, after),
        "refreshed": any(was["manifests"] != now["manifests"] for was, now in both),
        "rate": any(was.get("rates") != now.get("rates") for was, now in both_and_own),
        "setting": any(was["settings"] != now["settings"] for was, now in both_and_own),
        "rule": any(was["meaning_version"] != now["meaning_version"] for was, now in both_and_own),
    }
    told = [cause for cause, holds in why.items() if holds]
    return [*told, "forced"] if after.origin["forced"] or not told else told


def _came_or_went(before: Making, after: Making) -> bool:
    """Whether silver of a day that both read is there in one of them only."""
    old, new = before.origin["inputs"].keys(), after.origin["inputs"].keys()
    if before.origin["own"]["meaning_version"] == after.origin["own"]["meaning_version"]:
        return bool(old != new)
    # Another meaning may read other days: what one of them does not read neither came nor went.
    came = any(lineage.day(name) in before.absent for name in new - old)
    return came or any(lineage.day(name) in after.absent for name in old - new)


def _final_before(db: duckdb.DuckDBPyConnection) -> dict[TableDay, bool | None]:
    """What the file before says of its days; an older Daybook's says nothing."""
    there = "SELECT 1 FROM duckdb_views() WHERE database_name = 'kept' AND view_name = ?"
    if not db.execute(there, [day_status.NAME]).fetchall():
        return {}
    rows = db.execute(f"SELECT table_name, date, is_final FROM kept.{day_status.NAME}").fetchall()
    return {TableDay(table, day): is_final for table, day, is_final in rows}
