"""Locking PostgreSQL's tables for reading, all or none, and asking who stands in the way."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

import psycopg2
from psycopg2.extensions import connection as Connection

from daybook.contracts.model import SourceTable
from daybook.errors import RetryableError
from daybook.log import log
from daybook.settings import Postgres
from daybook.sources import postgres_locks
from daybook.sources.postgres_relation import look_up

WHEN_DONE = "run the same command again when it is done"
_PAUSE_SECONDS = 1.0
_TELL_EVERY_SECONDS = 10.0

# Of each table what is below its name, itself included: id, file and kind.
Relations = Mapping[str, frozenset[tuple[int, int, str]]]


def lock(settings: Postgres, connection: Connection, tables: Sequence[SourceTable]) -> Relations:
    """Lock all tables until the transaction ends; as long as one is taken, the others are let go.

    Returns what was locked.

    Raises:
        RetryableError: somebody kept one for longer than DAYBOOK_LOCK_WAIT_SECONDS.
        DataError: a table or a column of it is not there.
    """
    begun, said, who = time.monotonic(), 0.0, "another session"
    while (found := _try(settings, connection, tables)) is None:
        connection.rollback()
        who = _who_locks(settings, connection, tables) or who
        connection.rollback()
        waited = time.monotonic() - begun
        if waited >= settings.lock_wait_seconds:
            line = f"waited {waited:.0f} s (DAYBOOK_LOCK_WAIT_SECONDS) for {who}"
            raise RetryableError(f"{settings.where}: {line}", then=WHEN_DONE)
        if not said or waited - said >= _TELL_EVERY_SECONDS:
            log.info("  … waiting for %s, %.0f s", who, waited)
            said = waited
        time.sleep(_PAUSE_SECONDS)
    return found


def _try(settings: Postgres, connection: Connection, tables: Sequence[SourceTable]) -> Relations | None:
    """Lock them at once, or not. What is the same before and after has no part that was not locked."""
    before = relations(settings, connection, tables)
    try:
        with connection.cursor() as cursor:
            cursor.execute(postgres_locks.lock(settings.schema, tables))
    except psycopg2.errors.LockNotAvailable:
        return None
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedColumn):
        connection.rollback()
        for table in tables:
            look_up(connection, settings.schema, table)
        return None  # it has come meanwhile
    return before if relations(settings, connection, tables) == before else None


def relations(settings: Postgres, connection: Connection, tables: Sequence[SourceTable]) -> Relations:
    """What the tables' names stand for at this moment."""
    found = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(postgres_locks.RELATIONS, _names(settings, tables))
        for name, *relation in cursor.fetchall():
            found[name].add(tuple(relation))
    return {name: frozenset(below) for name, below in found.items()}


def locked(connection: Connection) -> dict[int, str]:
    """Id → name of the tables that this session has locked in its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(postgres_locks.LOCKED)
        return dict(cursor.fetchall())


def waiting_for(connection: Connection) -> dict[int, str]:
    """Process id → in words, of those who wait because the run reads whose holder this session is."""
    with connection.cursor() as cursor:
        cursor.execute(postgres_locks.WAITS_FOR_US)
        return {row[0]: _in_words(*row) for row in cursor.fetchall()}


def _who_locks(settings: Postgres, connection: Connection, tables: Sequence[SourceTable]) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(postgres_locks.LOCKS_THEM, _names(settings, tables))
        row = cursor.fetchone()
    return _in_words(*row) if row else None


def _names(settings: Postgres, tables: Sequence[SourceTable]) -> dict[str, object]:
    return {"schema": settings.schema, "tables": [table.name for table in tables]}


def _in_words(pid: int | None, role: str | None, application: str | None, relation: str, holds: bool) -> str:
    named = [f"role {role}"] if role else []
    named += [f"application {application}"] if application else []
    named = [f" ({', '.join(named)})"] if named else []
    # a transaction that is prepared has no process
    what = "".join([f"pid {pid}", *named]) if pid else "a prepared transaction"
    return f"{what}, which {'holds' if holds else 'waits for'} {relation}"
