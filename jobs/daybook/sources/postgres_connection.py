"""Connecting to PostgreSQL, and telling its errors in one line."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection
from py4j.protocol import Py4JJavaError
from pyspark import SparkContext

from daybook.contracts.model import SourceTable
from daybook.errors import DaybookError, UsageError
from daybook.failures import causes, postgres, postgres_words, words
from daybook.settings import Postgres
from daybook.sources import postgres_sql
from daybook.sources.postgres_rights import lacking

# What libpq puts before the cause; the place is told already.
_PREFIX = re.compile("connection to server at .* failed: ")
_SECONDS_TO_CONNECT = 10
# libpq looks for a CA in the home if none is named, and checks the server by it in any mode.
_NO_FILE = "/dev/null/none"
_OWN_CERTIFICATE = "name a certificate that the server trusts by PGSSLCERT, and its key by PGSSLKEY"
_CERTIFICATE = "correct PGSSLROOTCERT or PGSSLMODE, or the server's certificate"


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
            passfile=_NO_FILE,  # none of the home
            sslmode=settings.sslmode,
            sslrootcert=settings.sslrootcert or _NO_FILE,
            sslcert=settings.sslcert,
            sslkey=settings.sslkey,
            sslcertmode="allow" if settings.sslcert else "disable",  # none of the home
            gssencmode="disable",  # with a ticket, libpq would encrypt by Kerberos and check no certificate
            application_name="daybook",
            # Of a database in SQL_ASCII psycopg2 could not even read a name with an accent.
            client_encoding="UTF8",
            connect_timeout=_SECONDS_TO_CONNECT,
            # What a firewall has dropped is noticed within some minutes.
            keepalives_idle=60,
            tcp_user_timeout=60000,
        )
        # A role may prefer serializable, which a standby refuses.
        connection.set_session(isolation_level="READ COMMITTED")
        with connection, connection.cursor() as cursor:
            cursor.execute(postgres_sql.session_settings(local=False))
    except psycopg2.OperationalError as error:
        raise _refusal(settings, error) from None
    return connection


def jdbc_properties(settings: Postgres) -> dict[str, str]:
    """How the JDBC driver connects: as `connect` does."""
    return {
        "user": settings.user,
        "password": settings.password,
        "sslmode": settings.sslmode,
        **({"sslrootcert": settings.sslrootcert} if settings.sslrootcert else {}),
        # If none is named: each of the two would look in the home for a key in a form of its own.
        "sslcert": settings.sslcert or "",
        "sslkey": settings.sslkey or "",
        "gssEncMode": "disable",
        "ApplicationName": "daybook",
        "tcpKeepAlive": "true",
    }


@contextmanager
def explaining(settings: Postgres, tables: Sequence[SourceTable]) -> Iterator[None]:
    """What the server says inside the block of reading the tables, as one of our failures.

    Raises:
        RetryableError: the server went away, or a session of ours was ended.
        UsageError: it refuses to read a table, or to read all of its rows.
        DataError: it cannot give a table's rows.
    """
    try:
        yield
    except psycopg2.Error as error:
        raise _told(settings, tables, error) from None


def _told(settings: Postgres, tables: Sequence[SourceTable], error: psycopg2.Error) -> DaybookError:
    if not error.pgcode:
        return postgres.explained(settings, "", _reason(error))
    then = postgres.hidden(error.diag.source_function)
    if tables and error.pgcode == postgres.NO_RIGHT and then is None:
        with suppress(psycopg2.Error, DaybookError), closing(connect(settings)) as another:
            then = lacking(another, settings.schema, tables)
    return postgres.explained(settings, error.pgcode, postgres_words.of_psycopg2(error), then)


def _refusal(settings: Postgres, error: psycopg2.OperationalError) -> DaybookError:
    """Why no connection was opened. libpq keeps the server's code to itself: JDBC tries once, and is told it."""
    if error.pgcode:  # it was opened, and ended at once
        return _told(settings, (), error)
    jvm: Any = SparkContext._jvm
    reason = _reason(error)
    if words.OWN_CERTIFICATE in reason or words.NOT_OURS in reason or words.UNKNOWN_CA in reason:
        return UsageError(f"{settings.where}: {reason}", then=_OWN_CERTIFICATE)
    if words.CERTIFICATE in reason:
        return UsageError(f"{settings.where}: {reason}", then=_CERTIFICATE)
    assert jvm, "PostgreSQL is read by a Spark job"
    properties = jvm.java.util.Properties()
    for name, value in {**jdbc_properties(settings), "loginTimeout": str(_SECONDS_TO_CONNECT)}.items():
        properties.setProperty(name, value)
    try:
        jvm.org.postgresql.Driver().connect(settings.jdbc_url, properties).close()
    except Py4JJavaError as refused:
        found = causes.of(refused)
        if causes.last(found, "javax.net.ssl.", "java.security.cert."):
            return UsageError(f"{settings.where}: {reason}", then=_CERTIFICATE)
        state, cause = postgres.sqlstate(found), causes.last(found, postgres.EXCEPTION)
        if cause and cause.java.getServerErrorMessage():
            database, user = _quoted(settings.database), _quoted(settings.user)
            right = f"GRANT CONNECT ON DATABASE {database} TO {user}" if state == postgres.NO_RIGHT else None
            return postgres.of_java(settings, cause, right)
        return postgres.explained(settings, state, reason)
    return postgres.explained(settings, "08", reason)  # it would be let in by now


def _quoted(name: str) -> str:
    return name if re.fullmatch("[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def _reason(error: psycopg2.Error) -> str:
    """The line that names the cause, where there is no code.

    Of a connection that failed the last attempt counts: with `prefer` the one without TLS. What is indented is advice.
    """
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith("\t")]
    return _PREFIX.sub("", lines[-1] if lines else type(error).__name__, count=1)
