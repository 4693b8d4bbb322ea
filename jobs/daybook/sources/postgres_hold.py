"""Holding PostgreSQL's tables as they are while they are read.

What empties or replaces a table (TRUNCATE, a rewriting ALTER TABLE, a swap by rename …) shows in every snapshot at
once. A session of its own therefore locks all tables for reading before the snapshot is taken, until the last row is
read. The server lets such statements wait for it, and everybody else's queries behind them: `postgres_watch` sees to
it that nobody waits for long.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection as Connection

from daybook.contracts.model import SourceTable
from daybook.errors import RetryableError, UsageError
from daybook.settings import Postgres
from daybook.sources import postgres_locks
from daybook.sources.postgres_acquire import Relations, lock, locked, relations
from daybook.sources.postgres_connection import connect
from daybook.sources.postgres_watch import Watch


@dataclass(frozen=True)
class Hold:
    """The session that holds the tables, what these stood for when they were locked, and what is locked thereby."""

    settings: Postgres
    connection: Connection
    tables: Sequence[SourceTable]
    relations: Relations
    locked: frozenset[int]
    begun: tuple[object, ...]
    watch: Watch

    @property
    def id(self) -> int:
        """By this the sessions of the run find each other."""
        return self.connection.info.backend_pid

    def check(self) -> None:
        """See that the tables were held without a gap, and that their names still mean the same.

        Raises:
            RetryableError: they were given up, or the session is gone, or a name stands for other relations than when
                it was locked: a schema was renamed, a partition attached.
        """
        try:
            same = transaction(self.connection) == self.begun
            now = relations(self.settings, self.connection, self.tables)
        except psycopg2.Error:
            raise self.watch.lost() from None
        if not same:
            raise RetryableError(f"{self.settings.where}: the transaction that held the tables has ended")
        for name, below in self.relations.items():
            if now.get(name) != below:
                raise self.replaced(name)

    def see(self, session: int) -> None:
        """See another session of the run, by its process id, as only a session of the same server can.

        Raises:
            UsageError: it is not there: the tables are held on one server and would be read on another.
        """
        with self.connection.cursor() as cursor:
            cursor.execute(postgres_locks.IS_OURS, (session,))
            if not cursor.fetchone():
                line = f"{self.settings.where}: leads to more than one server"
                raise UsageError(line, then="set PGHOST and PGPORT to one server, no balancer")

    def replaced(self, table: str) -> RetryableError:
        """The failure that a table is not the one that was locked, or not the same parts."""
        name = f"{self.settings.schema}.{table}"
        return RetryableError(f"{self.settings.where}: {name} was replaced or given other partitions while it was read")


@contextmanager
def holding(settings: Postgres, tables: Sequence[SourceTable], stop: Callable[[], object]) -> Iterator[Hold]:
    """Hold the tables as long as the block lasts; `stop` is called when everything must be given up.

    Raises:
        RetryableError: somebody keeps them locked for longer than DAYBOOK_LOCK_WAIT_SECONDS; somebody waited for a
            lock of ours; the session was lost.
        DataError: a table or a column of it is not there.
    """
    connection = connect(settings)
    try:
        connection.set_session(isolation_level="READ COMMITTED", readonly=True)
        found = lock(settings, connection, tables)
        # Of a foreign table the rows lie elsewhere, and are not locked.
        foreign = {oid for below in found.values() for oid, _, kind in below if kind == "f"}
        held = frozenset(locked(connection)) - foreign
        with connection.cursor() as cursor:
            cursor.execute(postgres_locks.mark(connection.info.backend_pid))
        watch = Watch(settings, connection, stop)
        with watch.watched():
            yield Hold(settings, connection, tables, found, held, transaction(connection), watch)
    finally:
        connection.close()


@contextmanager
def set_apart(connection: Connection) -> Iterator[None]:
    """Let a query inside the block fail alone: its transaction, and the snapshot that others join, goes on.

    Raises:
        psycopg2.Error: the query failed, or the session is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT apart")
        try:
            yield
        except psycopg2.Error:
            with suppress(psycopg2.Error):  # of a session that is gone nothing is left to go on
                cursor.execute("ROLLBACK TO SAVEPOINT apart")
            raise
        cursor.execute("RELEASE SAVEPOINT apart")


def transaction(connection: Connection) -> tuple[object, ...]:
    """Which transaction of which session it is in.

    Raises:
        psycopg2.Error: the session is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), transaction_timestamp()")
        return tuple(cursor.fetchone() or ())
