"""Writing to PostgreSQL: COPY, the fastest way in that needs nothing but the driver."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql

from local.seed.rows import Row
from local.seed.tables import Table

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

ROWS_PER_COPY = 20_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def connect() -> "Connection":
    """Connect as libpq's variables say."""
    return psycopg2.connect("", connect_timeout=10)


def empty(tables: Iterable[Table]) -> None:
    """Remove all rows of the tables."""
    names = sql.SQL(", ").join(_qualified(table) for table in tables)
    with closing(connect()) as connection, connection, connection.cursor() as run:
        run.execute(sql.SQL("TRUNCATE {}").format(names))


def write(connection: "Connection", table: Table, rows: Iterable[Row]) -> None:
    """Append the rows, a bounded number of them at a time in memory."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(_qualified(table), columns)
    with connection, connection.cursor() as run:
        for lines in _chunks(map(_line, rows)):
            run.copy_expert(copy, lines)


def _qualified(table: Table) -> sql.Identifier:
    return sql.Identifier(os.environ.get("PG_SCHEMA") or "public", table.name)


def _chunks(lines: Iterator[str]) -> Iterator[StringIO]:
    while chunk := "".join(islice(lines, ROWS_PER_COPY)):
        yield StringIO(chunk)


def _line(row: Row) -> str:
    """The row in COPY's text format."""
    fields = ("\\N" if value is None else str(value).translate(_ESCAPES) for value in row.values)
    return "\t".join(fields) + "\n"
