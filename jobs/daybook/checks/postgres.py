"""PostgreSQL as the jobs use it: version, TLS, rights, types, one server behind the name, connections, clock."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from threading import Lock

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from pyspark.sql import SparkSession

from daybook.checks.looking import Check
from daybook.contracts import POSTGRES_TABLES
from daybook.errors import RetryableError, UsageError
from daybook.settings import Postgres, settle
from daybook.sources import postgres_reach, postgres_sql
from daybook.sources.postgres_connection import connect, explaining
from daybook.sources.postgres_relation import look_up
from daybook.sources.postgres_rights import lacking

OLDEST = 12
_ONE = Lock()
_TLS = "SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
_ROOM = """
WITH open AS (SELECT datid, usesysid FROM pg_stat_activity WHERE datid IS NOT NULL AND pid <> pg_backend_pid())
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - (SELECT count(*) FROM open),
       (SELECT CASE WHEN rolconnlimit >= 0 THEN rolconnlimit - (SELECT count(*) FROM open WHERE usesysid = r.oid) END
        FROM pg_roles r WHERE rolname = current_user),
       (SELECT CASE WHEN datconnlimit >= 0 THEN datconnlimit - (SELECT count(*) FROM open WHERE datid = d.oid) END
        FROM pg_database d WHERE datname = current_database())"""


def checks(settings: Postgres, spark: SparkSession) -> Iterator[Check]:
    """All checks of a server that answers."""
    needed = spark.sparkContext.defaultParallelism + 2
    yield Check("PostgreSQL, version", lambda: _version(settings))
    yield Check("PostgreSQL, TLS", lambda: _tls(settings))
    yield Check("PostgreSQL, rights", lambda: _rights(settings))
    yield Check("PostgreSQL, columns and types", lambda: _columns(settings))
    yield Check("PostgreSQL, rows that can be seen", lambda: _rows(settings))
    yield Check("PostgreSQL, one server", lambda: _one_server(settings))
    yield Check("PostgreSQL, connections", lambda: _connections(settings, needed))
    yield Check("PostgreSQL, clock", lambda: _clock(settings))


def reached(settings: Postgres) -> str:
    """Log in.

    Raises:
        RetryableError: the server is not reached.
        UsageError: it refuses the login.
    """
    with _opened(settings):
        return settings.where


@contextmanager
def _opened(settings: Postgres) -> Iterator[Connection]:
    """A connection; of all checks one at a time has one: an extraction may have few, and these would take them."""
    with _ONE, closing(connect(settings)) as connection:
        yield connection


def _version(settings: Postgres) -> str:
    with _opened(settings) as connection:
        version = connection.info.server_version
    if version // 10_000 < OLDEST:
        raise UsageError(
            f"version {version // 10_000}: {OLDEST} is the oldest that is read", then="read a newer server"
        )
    return f"{version // 10_000}.{version % 10_000}"


def _tls(settings: Postgres) -> str:
    with _opened(settings) as connection, connection.cursor() as cursor:
        cursor.execute(_TLS)
        row = cursor.fetchone()
    checked = "the server is checked" if settings.sslrootcert else "the server is not checked"
    return f"{row[0]}, {checked} (PGSSLMODE={settings.sslmode})" if row else f"none (PGSSLMODE={settings.sslmode})"


def _rights(settings: Postgres) -> str:
    with explaining(settings, POSTGRES_TABLES), _opened(settings) as connection:
        if grants := lacking(connection, settings.schema, POSTGRES_TABLES):
            raise UsageError(f"{settings.user} may not read all that the contracts name", then=grants)
    return f"{settings.user} may read all columns of {len(POSTGRES_TABLES)} tables"


def _columns(settings: Postgres) -> str:
    with explaining(settings, POSTGRES_TABLES), _opened(settings) as connection:
        found = [look_up(connection, settings.schema, table) for table in POSTGRES_TABLES]
    extra = sum(len(relation.extra) for relation in found)
    return f"{len(found)} tables as the contracts have them, {extra} columns beyond"


def _rows(settings: Postgres) -> str:
    """Ask for a row of each table, in a session that is refused where row-level security would hide some."""
    with explaining(settings, POSTGRES_TABLES), _opened(settings) as connection:
        for table in POSTGRES_TABLES:
            columns = sql.SQL(", ").join(map(sql.Identifier, table.column_names))
            name = sql.Identifier(settings.schema, table.name)
            with connection, connection.cursor() as cursor:
                cursor.execute(sql.SQL("SELECT {} FROM {} LIMIT 1").format(columns, name))
    return "no row-level security hides any"


def _one_server(settings: Postgres) -> str:
    """A snapshot of one session is known to another: neither a balancer nor a pooler of transactions is between."""
    with explaining(settings, ()), _opened(settings) as one, closing(connect(settings)) as other:
        one.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with one.cursor() as cursor:
            cursor.execute(postgres_sql.EXPORT)
            (snapshot, *_) = cursor.fetchone() or ("",)
        other.set_session(isolation_level="REPEATABLE READ", readonly=True)
        try:
            with other.cursor() as cursor:
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        except psycopg2.Error as error:
            then = "name the server itself by PGHOST and PGPORT, no balancer and no pooler in transaction mode"
            raise UsageError("two connections do not share a snapshot", then=then) from error
        if len({_session(one), _session(one), _session(one)}) > 1:
            then = "name the server itself by PGHOST and PGPORT, no pooler in transaction mode"
            raise UsageError("one connection is served by several sessions", then=then)
    return "two connections share a snapshot"


def _session(connection: Connection) -> int:
    connection.rollback()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int((cursor.fetchone() or (0,))[0])


def _connections(settings: Postgres, needed: int) -> str:
    with explaining(settings, ()), _opened(settings) as connection, connection.cursor() as cursor:
        cursor.execute(_ROOM)
        of_server, of_role, of_database = cursor.fetchone() or (0, None, None)
    free = min(each for each in (of_server, of_role, of_database) if each is not None)
    if free < needed:
        whose = "the role" if free == of_role else "the database" if free == of_database else "the server"
        then = "raise max_connections, or the role's limit; or run with fewer cores (spark.default.parallelism)"
        raise RetryableError(f"{whose} has {free} connections left, an extraction takes {needed}", then=then)
    return f"{free} free, an extraction takes {needed}"


def _clock(settings: Postgres) -> str:
    """Compare the clocks; a standby must have replayed commits of the last minutes."""
    with explaining(settings, ()), _opened(settings) as connection:
        reach, replayed = postgres_reach.ask(settings, connection)
    behind = replayed is not None and replayed < datetime.now(UTC) - settle()
    if reach.until is None or reach.differ or behind:
        raise RetryableError(reach.differ or reach.said, then=reach.then)
    return reach.said.partition(": ")[2]
