"""PostgreSQL: one exported snapshot that every table and every partition of a run reads from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection
from pyspark.sql import SparkSession

from daybook.contracts.model import SourceTable
from daybook.days.of_days import OfDays
from daybook.errors import RetryableError
from daybook.log import log
from daybook.settings import Postgres
from daybook.sources import postgres_locks, postgres_reach, postgres_sql
from daybook.sources.postgres_acquire import locked
from daybook.sources.postgres_connection import connect, explaining, jdbc_properties
from daybook.sources.postgres_hold import Hold, holding, set_apart, transaction
from daybook.sources.postgres_relation import Relation, look_up
from daybook.sources.reach import Reach

# What a partition holds at a time, by rows and by bytes. It asks for one row at least: with a fetch size of 0 the
# driver stays in autocommit, and joining the snapshot is silently without effect.
_FETCH_ROWS, _FETCH_BYTES = 10_000, 32_000_000


class Counted(NamedTuple):
    """A table-day as the server counts it: its rows, its longest row's bytes of text; the rows of no day, by kind."""

    rows: int
    longest: int
    outside: Mapping[str, int]


@dataclass(frozen=True)
class Snapshot:
    """An open transaction whose view of the database others join.

    `reach` was asked just before it: it shows at least what was committed until then. `replayed_until` is the last
    commit that a standby had replayed by then; None on a primary.
    """

    held: Hold
    connection: Connection
    reach: Reach
    replayed_until: datetime | None
    begun: tuple[object, ...]
    id: str
    lsn: str
    taken_at: datetime
    not_held: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    @property
    def settings(self) -> Postgres:
        """Where it is."""
        return self.held.settings

    def relation(self, table: SourceTable) -> Relation:
        """Look a table up, now that it is held, and hold it to its contract.

        Raises:
            DataError: it is missing, or lacks a column, or has one of a type that is not accepted.
        """
        return look_up(self.connection, self.settings.schema, table)

    def count(self, table: SourceTable, relation: Relation, day: date) -> Counted:
        """The table-day by the server's own count.

        Raises:
            RetryableError: what was counted is not the table that is held.
        """
        with set_apart(self.connection):  # what fails for one day stops no other
            counted = self._count(self.connection, table, relation, day)
        self._see_that_it_is_held(table, locked(self.connection))
        self._tell_of_no_day(table, counted.outside)
        return counted

    def count_again(self, table: SourceTable, relation: Relation, day: date) -> int:
        """The rows of the table-day as a new session counts them in the same snapshot.

        A table gives every session the same. A view that asks the clock or chance does not: the time of a transaction
        is no part of a snapshot.
        """
        with closing(connect(self.settings)) as another:
            with another.cursor() as cursor:
                cursor.execute(postgres_sql.join_snapshot(self.id, postgres_locks.mark(self.held.id)))
            return self._count(another, table, relation, day).rows

    def _count(self, connection: Connection, table: SourceTable, relation: Relation, day: date) -> Counted:
        with connection.cursor() as cursor:
            cursor.execute(postgres_sql.count(self.settings.schema, table, relation.types, day))
            [row] = cursor.fetchall()
        return Counted(row[0], row[1], row[2] or {})

    def read(
        self, spark: SparkSession, table: SourceTable, relation: Relation, days: Sequence[date], longest: int
    ) -> OfDays:
        """The table-days as text, in block ranges, one for each core, each some rows at a time.

        A row stands for each of its days; of a table that is read whole, for the one day.
        """
        query = postgres_sql.select(self.settings.schema, table, relation.types, days, relation.blocks is not None)
        ranges = postgres_sql.block_ranges(relation.blocks, spark.sparkContext.defaultParallelism)
        s = self.settings
        frame = spark.read.jdbc(
            s.jdbc_url,
            f"({query.as_string(self.connection)}) AS source",
            predicates=ranges,
            properties={
                "driver": "org.postgresql.Driver",
                **jdbc_properties(s),
                "fetchsize": str(max(1, min(_FETCH_ROWS, _FETCH_BYTES // max(1, longest)))),
                "sessionInitStatement": postgres_sql.join_snapshot(self.id, postgres_locks.mark(self.held.id)),
                # Spark asks for the columns on a connection that runs no init statement.
                "options": postgres_sql.OPTIONS,
            },
        )
        return OfDays(frame.drop("ctid"), days).one_file_each()

    def check(self) -> None:
        """Before what was read is published: see that it was one snapshot of tables that were held all the time.

        Raises:
            RetryableError: it was not, or a session is gone.
        """
        self.held.check()
        if transaction(self.connection) != self.begun:
            raise RetryableError(f"{self.settings.where}: the transaction that gave the snapshot has ended")

    def _tell_of_no_day(self, table: SourceTable, outside: Mapping[str, int]) -> None:
        """Say, once, how many rows no day will ever have."""
        if outside and table.window and (column := f"{table.name}.{table.window.column}") not in self.seen:
            kinds = ", ".join(f"{kind} {rows:,}" for kind, rows in sorted(outside.items()))
            log.warning("%s: %s rows lie on no day: %s", column, f"{sum(outside.values()):,}", kinds)
            self.seen.add(column)

    def _see_that_it_is_held(self, table: SourceTable, read: dict[int, str]) -> None:
        """Compare what counting has locked with what is held; what cannot be held is said, once."""
        if not any(oid in read for oid, _, _ in self.held.relations[table.name]):
            raise self.held.replaced(table.name)
        beyond = [name for oid, name in read.items() if oid not in self.held.locked and name not in self.seen]
        if beyond:
            log.warning("%s reads %s, which cannot be held as it is", table.name, ", ".join(beyond))
            self.not_held.add(table.name)
            self.seen.update(beyond)


@contextmanager
def snapshot(settings: Postgres, tables: Sequence[SourceTable], stop: Callable[[], object]) -> Iterator[Snapshot]:
    """Hold the tables, then open and export one read-only view of the database, for as long as the block lasts.

    `stop` is called when everything must be given up: somebody waits for a lock of ours, or the tables are lost.

    Raises:
        RetryableError: the server is not reached, or went away meanwhile; somebody else needs the tables.
        UsageError: it refuses the login, or to read a table, or to show all of its rows.
        DataError: a table or a column of it is not there.
    """
    with (
        explaining(settings, tables),
        holding(settings, tables, stop) as held,
        closing(connect(settings)) as connection,
    ):
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        reach = postgres_reach.ask(settings, connection)
        with connection.cursor() as cursor:
            cursor.execute(postgres_sql.EXPORT)
            row: Any = cursor.fetchone()
            cursor.execute(postgres_locks.mark(held.id))
        held.see(connection.info.backend_pid)
        postgres_reach.warn_of_subscriptions(settings, connection, held.locked)
        yield Snapshot(held, connection, *reach, transaction(connection), *row)
