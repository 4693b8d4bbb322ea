"""Connecting to PostgreSQL, and telling its errors in one line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import connection as Connection

from daybook.errors import GRANT, HIDES_ROWS, HIDES_ROWS_ROUTINE, WHEN_UP, RetryableError, UsageError
from daybook.settings import Postgres
from daybook.sources import postgres_sql

# What libpq puts before the cause; the place is told already.
_PREFIX = re.compile("(connection to server at .* failed: )?((FATAL|ERROR): +)?")
# What the server or its client refuses, and the settings to look at.
_WRONG = {
    "authentication failed": "PGUSER or PGPASSWORD",
    'role "': "PGUSER",
    'database "': "PGDATABASE",
    "pg_hba.conf": "PGUSER or PGDATABASE, or the server's pg_hba.conf",
    "support SSL": "PGSSLMODE",
    "certificate": "PGSSLROOTCERT or PGSSLMODE",
}


def connect(settings: Postgres) -> Connection:
    """Open a connection that sees all rows or none, is not ended for being idle, and waits for no lock for long.

    Raises:
        RetryableError: the server is not reached.
        UsageError: it refuses the login.
    """
    try:
        connection = psycopg2.connect(
            host=settings.host,
            port=settings.port,
            dbname=settings.database,
            user=settings.user,
            password=settings.password,
            sslmode=settings.sslmode,
            sslrootcert=settings.sslrootcert,
            application_name="daybook",
            connect_timeout=10,
            # What a firewall has dropped is noticed within some minutes.
            keepalives_idle=60,
            tcp_user_timeout=60000,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(postgres_sql.session(local=False))
    except psycopg2.OperationalError as error:
        line = told(settings, error)
        for words, names in _WRONG.items():
            if words in str(error):
                raise UsageError(line, then=f"correct {names}") from None
        then = WHEN_UP
        raise RetryableError(line, then=then) from None
    return connection


@contextmanager
def explained(settings: Postgres) -> Iterator[None]:
    """What the server says inside the block, as one of our failures.

    Raises:
        RetryableError: the server went away, or a session of ours was ended.
        UsageError: it refuses to read a table, or to read all of its rows.
    """
    try:
        yield
    except psycopg2.errors.InsufficientPrivilege as error:
        hides = error.diag.source_function == HIDES_ROWS_ROUTINE
        raise UsageError(told(settings, error), then=HIDES_ROWS if hides else GRANT) from None
    except psycopg2.Error as error:
        raise RetryableError(told(settings, error), then="run the same command again") from None


def told(settings: Postgres, error: psycopg2.Error) -> str:
    """Where, and the line of the error that names its cause.

    Of a connection that failed the last attempt counts: with `prefer` the one without TLS; only the server's own
    errors have a code. What is indented is advice.
    """
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
    lines = lines or [type(error).__name__]
    cause = lines[0] if error.pgcode else lines[-1]
    return f"{settings.where}: {_PREFIX.sub('', cause, count=1)}"
