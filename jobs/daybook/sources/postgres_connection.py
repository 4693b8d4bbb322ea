"""Connecting to PostgreSQL, and telling its errors in one line."""

import re

import psycopg2
from psycopg2.extensions import connection as Connection

from daybook.errors import WHEN_UP, RetryableError, UsageError
from daybook.settings import Postgres

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
    """Open a connection.

    Raises:
        RetryableError: the server is not reached.
        UsageError: it refuses the login.
    """
    try:
        return psycopg2.connect(
            host=settings.host,
            port=settings.port,
            dbname=settings.database,
            user=settings.user,
            password=settings.password,
            sslmode=settings.sslmode,
            sslrootcert=settings.sslrootcert,
            application_name="daybook",
            connect_timeout=10,
            options="-c idle_in_transaction_session_timeout=0 -c TimeZone=UTC",
        )
    except psycopg2.OperationalError as error:
        line = told(settings, error)
        for words, names in _WRONG.items():
            if words in str(error):
                raise UsageError(line, then=f"correct {names}") from None
        then = WHEN_UP
        raise RetryableError(line, then=then) from None


def told(settings: Postgres, error: psycopg2.Error) -> str:
    """Where, and the line of the error that names its cause.

    Of a connection that failed the last attempt counts: with `prefer` the one without TLS; only the server's own
    errors have a code. What is indented is advice.
    """
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
    lines = lines or [type(error).__name__]
    cause = lines[0] if error.pgcode else lines[-1]
    return f"{settings.where}: {_PREFIX.sub('', cause, count=1)}"
