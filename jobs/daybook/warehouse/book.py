"""What a warehouse file knows of itself: its loads, what each day is made from, and what it was told to remember."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb

from daybook.contracts.gold_model import GoldTable
from daybook.warehouse import day_origins, day_status, day_warnings, file_settings, history, restatements, schema
from daybook.warehouse.history import Load
from daybook.warehouse.restatements import Receipt
from daybook.warehouse.tabledays import Fetched, Making, TableDay

OWN_TABLES = (history.TABLE, day_origins.TABLE, restatements.TABLE, file_settings.TABLE)


@dataclass(frozen=True)
class Book:
    """The loads so far, what is known of the making of the days, the receipts, and the settings that are remembered.

    `columns` are those of gold's tables in the file, by table; `layout` names the version of all that is not data.
    """

    loads: Sequence[Load] = ()
    facts: Mapping[TableDay, Making] = field(default_factory=dict)
    receipts: Sequence[Receipt] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    layout: str | None = None


def after(book: Book, fetched: Collection[Fetched], loaded_at: datetime, *, rebuild: bool) -> Book:
    """The book once `fetched` is loaded, but for the receipts; a rebuild keeps nothing that was loaded before."""
    loads = history.after(book.loads, fetched, loaded_at, rebuild=rebuild)
    facts = {**book.facts, **{day.of: day.facts for day in fetched if day.facts}}
    return replace(book, loads=loads, facts=facts)


def write(db: duckdb.DuckDBPyConnection, book: Book, tables: Sequence[GoldTable]) -> None:
    """Write it into the connection's current database, where gold's tables are, and the views above both."""
    history.write(db, book.loads)
    day_origins.write(db, book.loads, book.facts)
    restatements.TABLE.write(db, book.receipts)
    file_settings.write(db, {**book.settings, file_settings.LAYOUT: layout(tables)})
    for statement in _statements(tables):
        db.execute(statement)


def layout(tables: Sequence[GoldTable]) -> str:
    """What a file of these tables has beside data, as one short word: another word, and it is to be made anew."""
    own = [statement for table in OWN_TABLES for statement in table.statements()]
    gold = [schema.no_rows(table) for table in tables]
    return hashlib.sha256("\n".join([*own, *gold, *_statements(tables)]).encode()).hexdigest()[:16]


def _statements(tables: Sequence[GoldTable]) -> list[str]:
    figures = (line for table in tables for line in schema.statements(table))
    return [*day_status.statements(tables), *day_warnings.VIEW.statements(), *figures]
