"""Naming the table where what PostgreSQL cannot give is its data."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import psycopg2
from psycopg2.extensions import connection as Connection
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from daybook.arguments import span
from daybook.contracts.model import SourceTable
from daybook.errors import DataError
from daybook.failures import causes, postgres, postgres_words

_FIND = (
    "find the rows (SELECT ctid, * FROM {name} t WHERE t::text ~ '[^[:ascii:]]' shows all that may be), write them in "
    "UTF-8, then run the same command again"
)


@contextmanager
def reading(connection: Connection, schema: str, table: SourceTable, days: Sequence[date]) -> Iterator[None]:
    """Around all that is done with some days of a table; a table without days of its own is told by its name.

    Raises:
        DataError: the server cannot give its rows: a value that a view's expression does not take, text that is not
            in the encoding it should be in.
    """
    try:
        yield
    except (psycopg2.Error, PySparkException, Py4JJavaError) as error:
        state, said = _told(error)
        then = postgres.of_data(state, schema)
        if then is None:
            raise
        name = f"{schema}.{table.name}"
        if state in postgres.BAD_TEXT:
            said += f" (the database is in {connection.info.parameter_status('server_encoding')})"
            then = _FIND.format(name=name)
        what = f"{name} {span(days)}" if table.window else name
        raise DataError(f"PostgreSQL table {what}: {said}", then=then) from None


def _told(error: Exception) -> tuple[str, str]:
    """The server's code, and what is told of it."""
    if isinstance(error, psycopg2.Error):
        return error.pgcode or "", postgres_words.of_psycopg2(error)
    cause = causes.last(causes.of(error), postgres.EXCEPTION)
    return (cause.java.getSQLState() or "", postgres_words.of_jdbc(cause)) if cause else ("", "")
