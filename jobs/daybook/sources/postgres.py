"""PostgreSQL: one exported snapshot that every table and every partition of a run reads from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection
from pyspark.sql import DataFrame, SparkSession

from daybook.contracts.model import SourceTable
from daybook.errors import DataError, RetryableError, UsageError
from daybook.settings import Postgres
from daybook.sources import contract, postgres_sql
from daybook.sources.postgres_connection import connect, told

# With a fetch size of 0 the driver stays in autocommit, and joining the snapshot is silently without effect.
_FETCH_ROWS = "10000"


@dataclass(frozen=True)
class Relation:
    """What the server says of a table: its columns' types, and whether block ranges can split it."""

    types: dict[str, str]
    blocks: int | None
    extra: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Snapshot:
    """An open transaction whose view of the database others join."""

    settings: Postgres
    connection: Connection
    id: str
    lsn: str
    taken_at: datetime

    def relation(self, table: SourceTable) -> Relation:
        """Look a table up and hold it to its contract.

        Raises:
            DataError: it is missing, or lacks a column, or has one of a type that is not accepted.
        """
        name = f"{self.settings.schema}.{table.name}"
        with self.connection.cursor() as cursor:
            cursor.execute(postgres_sql.COLUMNS, (self.settings.schema, table.name))
            found: dict[str, str] = dict(cursor.fetchall())
            if not found:
                raise DataError(f"PostgreSQL table {name} does not exist; expected {', '.join(table.column_names)}")
            contract.check(table, f"PostgreSQL table {name}", found, postgres_sql.ACCEPTED, windows=postgres_sql.TIMES)
            cursor.execute(postgres_sql.BLOCKS, (self.settings.schema, table.name))
            blocks = cursor.fetchone()
        return Relation(found, blocks[0] if blocks else None, table.unknown(found))

    def count(self, table: SourceTable, relation: Relation, day: date | None) -> tuple[int, int]:
        """Rows of the table-day by the server's own count, and rows whose window column is NULL.

        The query also takes the lock that keeps the table's blocks in place while they are read by range.
        """
        query = postgres_sql.count(self.settings.schema, table, relation.types, day)
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        assert row, "an aggregate has one row"
        return int(row[0]), int(row[1])

    def read(self, spark: SparkSession, table: SourceTable, relation: Relation, day: date | None) -> DataFrame:
        """The table-day as text, in as many block ranges as there are cores."""
        query = postgres_sql.select(self.settings.schema, table, relation.types, day, relation.blocks is not None)
        ranges = postgres_sql.block_ranges(relation.blocks, spark.sparkContext.defaultParallelism)
        s = self.settings
        frame = spark.read.jdbc(
            f"jdbc:postgresql://{s.host}:{s.port}/{s.database}",
            f"({query.as_string(self.connection)}) AS source",
            predicates=ranges,
            properties={
                "driver": "org.postgresql.Driver",
                "user": s.user,
                "password": s.password,
                "fetchsize": _FETCH_ROWS,
                "sessionInitStatement": postgres_sql.join_snapshot(self.id),
                "ApplicationName": "daybook",
                "tcpKeepAlive": "true",
                "sslmode": s.sslmode,
                **({"sslrootcert": s.sslrootcert} if s.sslrootcert else {}),
            },
        )
        return frame.select(*table.column_names)


@contextmanager
def snapshot(settings: Postgres) -> Iterator[Snapshot]:
    """Open and export one read-only view of the database, for as long as the block lasts.

    Raises:
        RetryableError: the server is not reached, or went away meanwhile.
        UsageError: it refuses the login, or to read a table.
    """
    connection = connect(settings)
    try:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(postgres_sql.EXPORT)
            row: Any = cursor.fetchone()
        yield Snapshot(settings, connection, *row)
    except psycopg2.errors.InsufficientPrivilege as error:
        raise UsageError(told(settings, error), then="grant it (README, “Your own databases”)") from None
    except psycopg2.Error as error:
        raise RetryableError(told(settings, error), then="run the same command again") from None
    finally:
        connection.close()
