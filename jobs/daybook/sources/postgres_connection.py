"""Connecting to PostgreSQL, and telling its errors in one line."""

import psycopg2
from psycopg2.extensions import connection as Connection

from daybook.errors import RetryableError, UsageError
from daybook.settings import Postgres


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
        if "authentication failed" in str(error) or "does not exist" in str(error):
            raise UsageError(told(settings, error), then="correct PGUSER, PGPASSWORD or PGDATABASE") from None
        raise RetryableError(told(settings, error), then="see that the server is up, then run again") from None


def told(settings: Postgres, error: psycopg2.Error) -> str:
    """Where, and the line of the error that names its cause."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    cause = lines[-1] if isinstance(error, psycopg2.OperationalError) else lines[0]
    return f"PostgreSQL {settings.host}:{settings.port}/{settings.database} as {settings.user}: {cause}"
