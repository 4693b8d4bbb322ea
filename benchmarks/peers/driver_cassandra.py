"""Cassandra → CSV in the object store by cassandra-driver: token ranges, by one process or several.

Reads    the tables that extract_cassandra reads, its columns and days, each table once however many days
Writes   a CSV per table-day and process: the same texts, NULL empty and every other text quoted
"""

import io
import multiprocessing
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from itertools import chain, pairwise
from typing import Any

import pyarrow as pa
from cassandra import ConsistencyLevel
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.policies import DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import tuple_factory
from pyarrow import compute, csv

from benchmarks.peers import arguments
from benchmarks.peers.arguments import Asked
from benchmarks.peers.lake import Lake, Stream
from daybook import days, settings
from daybook.contracts import CASSANDRA_TABLES
from daybook.contracts.model import SourceTable

_RANGES = 64  # per table: while one page is decoded, others are on their way
_IN_FLIGHT = 4
_FETCH = 5000
_ROWS_AT_ONCE = 50_000
# the driver ships no types
Session = Any
Range = tuple[int, int]


def main() -> None:
    """Read each table's ranges, shared out evenly to the processes."""
    asked = arguments.parse(__doc__, "driver_cassandra")
    read = partial(_read, asked)
    if asked.processes == 1:
        read(0)
        return
    with multiprocessing.Pool(asked.processes) as pool:
        pool.map(read, range(asked.processes), chunksize=1)


def connect() -> Session:
    """A session on the keyspace as the environment says."""
    source = settings.cassandra()
    profile = ExecutionProfile(
        TokenAwarePolicy(DCAwareRoundRobinPolicy(source.local_dc)),
        consistency_level=ConsistencyLevel.name_to_value[source.consistency],
        row_factory=tuple_factory,
        request_timeout=120,
    )
    login = PlainTextAuthProvider(source.username, source.password)
    profiles = {EXEC_PROFILE_DEFAULT: profile}
    cluster = Cluster(source.hosts.split(","), source.port, auth_provider=login, execution_profiles=profiles)
    return cluster.connect(source.keyspace)


def pages(session: Session, table: SourceTable, asked: Sequence[date], ranges: Sequence[Range]) -> Iterator[list[Any]]:
    """The rows of the token ranges that belong to the days, as tuples, page by page."""
    assert table.window, "a Cassandra table is read by day"
    time, key = table.window.column, table.columns[0].name
    query = session.prepare(
        f"SELECT {', '.join(table.column_names)} FROM {table.name} WHERE token({key}) > ? AND token({key}) <= ?"
        f" AND {time} >= ? AND {time} < ? ALLOW FILTERING"
    )
    query.fetch_size = _FETCH
    bounds = bounds_of(table, asked[0], asked[-1])
    values = [(*part, *bounds) for part in ranges]
    for _, found in execute_concurrent_with_args(
        session, query, values, concurrency=_IN_FLIGHT, results_generator=True
    ):
        yield found.current_rows
        while found.has_more_pages:
            found.fetch_next_page()
            yield found.current_rows


def bounds_of(table: SourceTable, first: date, last: date) -> tuple[datetime, datetime]:
    """From which instant on, and before which, rows belong to one of the days."""
    assert table.window, "a Cassandra table is read by day"
    return days.begins(days.shifted(first, -table.window.days_back)), days.ends(last)


def token_ranges(number: int) -> list[Range]:
    """The ring cut into so many ranges, each without its first token and with its last."""
    bounds = [-(2**63) + part * 2**64 // number for part in range(number)] + [2**63 - 1]
    return list(pairwise(bounds))


def _read(asked: Asked, process: int) -> None:
    lake, session = Lake(asked.into), connect()
    for table in CASSANDRA_TABLES:
        files = {day: lake.stream("bronze", table.name, day, f"part-{process}.csv") for day in asked.days}
        for file in files.values():
            file.write(",".join(table.column_names).encode() + b"\n")
        ranges, rows = token_ranges(_RANGES * asked.processes)[process :: asked.processes], list[Any]()
        for page in chain(pages(session, table, asked.days, ranges), [None]):
            rows += page or ()
            if rows and (page is None or len(rows) >= _ROWS_AT_ONCE):
                _write(table, rows, files)
                rows.clear()
        for file in files.values():
            file.close()
    session.cluster.shutdown()


def _write(table: SourceTable, rows: list[Any], files: dict[date, Stream]) -> None:
    """Write each row into the file of each day that it belongs to."""
    assert table.window, "a Cassandra table is read by day"
    columns = dict(zip(table.column_names, zip(*rows, strict=True), strict=True))
    written = pa.table({name: texts(values) for name, values in columns.items()})
    times = pa.array(columns[table.window.column], pa.timestamp("us"))
    options = csv.WriteOptions(include_header=False, quoting_style="all_valid")
    for day, file in files.items():
        bounds = (pa.scalar(bound.replace(tzinfo=None), times.type) for bound in bounds_of(table, day, day))
        after, before = compute.greater_equal(times, next(bounds)), compute.less(times, next(bounds))
        buffer = io.BytesIO()
        csv.write_csv(written.filter(compute.and_(after, before)), buffer, options)
        file.write(buffer.getvalue())


def texts(values: Sequence[Any]) -> pa.Array:
    """A column as text; the driver gives times without a zone, in UTC."""
    if isinstance(next((value for value in values if value is not None), None), datetime):
        return compute.strftime(pa.array(values, pa.timestamp("us")), "%Y-%m-%dT%H:%M:%SZ")
    return pa.array([None if value is None else str(value) for value in values], pa.string())


if __name__ == "__main__":
    main()
