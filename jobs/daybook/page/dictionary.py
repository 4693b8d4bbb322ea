"""What the warehouse file holds, in the words that it says of itself: of a file of this Daybook without a row."""

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from daybook.contracts import GOLD_TABLES
from daybook.warehouse import book, engine, schema
from daybook.warehouse.book import Book

# Views first: that is what one asks.
_RELATIONS = """
SELECT view_name AS name, 'view' AS kind, comment FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT table_name, 'table', comment FROM duckdb_tables()
ORDER BY kind DESC, name"""
_COLUMNS = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"


@dataclass(frozen=True)
class ColumnWords:
    """A column, its type in DuckDB, and its words."""

    name: str
    type: str
    words: str


@dataclass(frozen=True)
class RelationWords:
    """A table or view (`kind`), its words, and its columns in their order."""

    name: str
    kind: str
    words: str
    columns: tuple[ColumnWords, ...]


def relations() -> Iterator[RelationWords]:
    """All tables and views of the file."""
    with tempfile.TemporaryDirectory() as folder, closing(engine.in_memory(Path(folder))) as db:
        for table in GOLD_TABLES:
            db.execute(schema.create(table))
        book.write(db, Book(), GOLD_TABLES)
        for name, kind, words in db.execute(_RELATIONS).fetchall():
            columns = db.execute(_COLUMNS, [name]).fetchall()
            yield RelationWords(name, kind, words, tuple(ColumnWords(*column) for column in columns))
