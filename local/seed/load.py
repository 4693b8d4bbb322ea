"""Making and writing all tables, each in pieces by several processes, and saying what it took."""

import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any

import psycopg2
from cassandra import DriverException
from cassandra.cluster import NoHostAvailable

from local.seed import to_cassandra, to_postgres
from local.seed.expectation import Tally, counted
from local.seed.plan import Plan
from local.seed.tables import TABLE_OF, TABLES, Table, Task, rows_of, tasks
from toolchain.report import LocalError

SERVER_FAILURES = (psycopg2.Error, DriverException, NoHostAvailable)
_open: dict[str, Any] = {}  # a worker's connections, made once per process


def empty_all() -> None:
    """Remove what an earlier seeding, or anyone else, has put into the tables."""
    to_postgres.empty(table for table in TABLES if table.store == "postgres")
    session = to_cassandra.connect()
    to_cassandra.empty(session, (table for table in TABLES if table.store == "cassandra"))
    session.cluster.shutdown()


def load_all(plan: Plan, processes: int) -> Tally:
    """Write all tables; return how many rows of each case there are."""
    tally: Tally = Counter()
    # a forked copy of the driver's threads and connections would be a broken one
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_connect) as pool:
        for table in TABLES:
            started = time.monotonic()
            written: Tally = Counter()
            for part in pool.map(partial(_load, plan), tasks(plan, table)):
                written.update(part)
            _report(table, written.total(), time.monotonic() - started)
            tally.update(written)
    return tally


def _connect() -> None:
    _open["postgres"] = to_postgres.connect()
    _open["cassandra"] = to_cassandra.connect()


def _load(plan: Plan, task: Task) -> Tally:
    """Make and write one piece, in a worker."""
    table, tally = TABLE_OF[task.table], Counter[tuple[str, int | None, str]]()
    writer = to_postgres.write if table.store == "postgres" else to_cassandra.write
    rows = counted(plan, table.name, rows_of(plan, task), tally)
    try:
        writer(_open[table.store], table, rows)
    except SERVER_FAILURES as failure:  # not all of them survive the way back from a worker
        raise LocalError(f"{table.name}: {failure}") from failure
    return tally


def _report(table: Table, rows: int, seconds: float) -> None:
    print(f"  {table.name:<22} {rows:>12,} rows {seconds:>8.1f} s", flush=True)
