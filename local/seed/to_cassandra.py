"""Writing to Cassandra: rows in small unlogged batches, many batches in flight.

A batch over several partitions is a bad habit on a cluster; on one node it halves the time.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.concurrent import execute_concurrent
from cassandra.policies import DCAwareRoundRobinPolicy
from cassandra.query import UNSET_VALUE, BatchStatement, BatchType

from local.seed.rows import Row
from local.seed.tables import Table

IN_FLIGHT = 48
ROWS_PER_BATCH = 10  # more partitions than this in a batch, and the server warns
# the driver ships no types
Session = Any
Statement = Any


def connect() -> Session:
    """Open a session on the keyspace as the environment says; the process keeps it to its end."""
    login = PlainTextAuthProvider(os.environ["CASSANDRA_USERNAME"], os.environ["CASSANDRA_PASSWORD"])
    policy = DCAwareRoundRobinPolicy(os.environ["CASSANDRA_LOCAL_DC"])
    cluster = Cluster(
        os.environ["CASSANDRA_HOSTS"].split(","),
        port=int(os.environ["CASSANDRA_PORT"]),
        auth_provider=login,
        execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(policy, request_timeout=60)},
    )
    return cluster.connect(os.environ["CASSANDRA_KEYSPACE"])


def empty(session: Session, tables: Iterable[Table]) -> None:
    """Remove all rows of the tables."""
    for table in tables:
        session.execute(f"TRUNCATE {table.name}", timeout=120)


def write(session: Session, table: Table, rows: Iterable[Row]) -> None:
    """Write the rows as they come, a bounded number of them at a time in memory."""
    columns, marks = ", ".join(table.columns), ", ".join("?" * len(table.columns))
    insert = session.prepare(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})")
    requests = ((request, None) for request in _requests(insert, rows))
    for _ in execute_concurrent(session, requests, concurrency=IN_FLIGHT, results_generator=True):
        pass


def _requests(insert: Statement, rows: Iterable[Row]) -> Iterator[Statement]:
    values = map(_values, rows)
    while chunk := list(islice(values, ROWS_PER_BATCH)):
        batch = BatchStatement(BatchType.UNLOGGED)
        for row in chunk:
            batch.add(insert, row)
        yield batch


def _values(row: Row) -> tuple[object, ...]:
    """The row's values; NULL is left unset, because writing it would leave a tombstone to read over."""
    return tuple(UNSET_VALUE if value is None else value for value in row.values)
