"""An extraction stopped at a chosen moment, and what others do to its tables at that moment."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import cycle
from typing import Any

import psycopg2

from daybook.contracts import POSTGRES_TABLES
from daybook.contracts.model import SourceTable
from tests.kit.harness import Daybook, Driver, Ended, until
from tests.kit.sources import DAY

NAMES = [table.name for table in POSTGRES_TABLES]
OLD = 4
NEW = 7
_TYPES = {"uuid": "uuid", "string": "text", "timestamp": "timestamptz"}
_VALUES = {
    "uuid": "(repeat(to_hex(n), 8) || '-0000-0000-0000-000000000000')::uuid",
    "string": "'text ' || n",
    "timestamp": "timestamptz '2025-03-01 10:00Z'",
}


def columns(table: SourceTable) -> str:
    return ", ".join(f"{column.name} {_TYPES[column.type]}" for column in table.columns)


def rows(table: SourceTable, name: str, first: int, last: int) -> str:
    """Insert rows: the first digit of all ids is their number, in hexadecimal."""
    values = ", ".join(_VALUES[column.type] for column in table.columns)
    return f"INSERT INTO {name} SELECT {values} FROM generate_series({first}, {last}) AS n;"


def plain(table: SourceTable) -> str:
    return f"CREATE TABLE {table.name} ({columns(table)}); {rows(table, table.name, 0, OLD - 1)}"


def partitioned(table: SourceTable) -> str:
    """Two partitions with rows, one of which is divided again, and a table that may become the third."""
    t, key = table.name, table.columns[0].name
    two, four = (f"'{digit}0000000-0000-0000-0000-000000000000'" for digit in (2, 4))
    return f"""
        CREATE TABLE {t} ({columns(table)}) PARTITION BY RANGE ({key});
        CREATE TABLE {t}_0 PARTITION OF {t} FOR VALUES FROM (MINVALUE) TO ({two}) PARTITION BY RANGE ({key});
        CREATE TABLE {t}_00 PARTITION OF {t}_0 FOR VALUES FROM (MINVALUE) TO ({two});
        CREATE TABLE {t}_1 PARTITION OF {t} FOR VALUES FROM ({two}) TO ({four});
        CREATE TABLE {t}_2 ({columns(table)});
        {rows(table, t, 0, OLD - 1)} {rows(table, f"{t}_2", OLD, NEW - 1)}"""


def materialized(table: SourceTable) -> str:
    t = table.name
    return f"""
        CREATE TABLE {t}_base ({columns(table)}); {rows(table, f"{t}_base", 0, OLD - 1)}
        CREATE MATERIALIZED VIEW {t} AS SELECT * FROM {t}_base; {rows(table, f"{t}_base", OLD, NEW - 1)}"""


def truncated(table: SourceTable) -> str:
    return f"TRUNCATE {table.name}; {rows(table, table.name, 0, NEW - 1)}"


def rewritten(table: SourceTable) -> str:
    return f"ALTER TABLE {table.name} ALTER {table.columns[0].name} TYPE text"


def swapped(table: SourceTable) -> str:
    t = table.name
    return f"""
        CREATE TABLE {t}_new (LIKE {t}); GRANT SELECT ON {t}_new TO daybook_etl; {rows(table, f"{t}_new", 0, NEW - 1)}
        ALTER TABLE {t} RENAME TO {t}_old; ALTER TABLE {t}_new RENAME TO {t}"""


def attached(table: SourceTable) -> str:
    t = table.name
    four = "'40000000-0000-0000-0000-000000000000'"
    return f"ALTER TABLE {t} ATTACH PARTITION {t}_2 FOR VALUES FROM ({four}) TO (MAXVALUE)"


def detached(table: SourceTable) -> str:
    return f"ALTER TABLE {table.name} DETACH PARTITION {table.name}_1"


def refreshed(table: SourceTable) -> str:
    return f"REFRESH MATERIALIZED VIEW {table.name}"


class Other:
    """A session of somebody else's, which runs one transaction in a thread of its own."""

    def __init__(self, daybook: Daybook, schema: str, script: str) -> None:
        self.seconds = 0.0
        self.error: psycopg2.Error | None = None
        self._server = daybook.postgres("admin")
        self.pid = self._server.info.backend_pid
        self._script = f"SET LOCAL search_path = {schema}; SET LOCAL application_name = 'migration'; {script}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._begun = time.monotonic()
        self._thread.start()

    def _run(self) -> None:
        try:
            with closing(self._server), self._server, self._server.cursor() as cursor:
                cursor.execute(self._script)
        except psycopg2.Error as error:
            self.error = error
        self.seconds = time.monotonic() - self._begun

    def end(self) -> float:
        """Wait until it has committed; the seconds it took."""
        self._thread.join()
        assert self.error is None, self.error
        return self.seconds


class Relay:
    """A way to PostgreSQL on which one answer is held back: the one to the first query of this form.

    With several ports it leads from one connection to the next to another server, as a balancer does.
    """

    def __init__(self, query: str, *ports: int) -> None:
        self._targets, self._query = cycle(ports), re.compile(query.encode(), re.DOTALL)
        self._asked, self.reached, self.go_on = False, threading.Event(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._spawn(self._accept)

    def _spawn(self, work: Any, *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", next(self._targets)))
            flows = threading.Event()
            flows.set()
            self._spawn(self._requests, client, server, flows)
            self._spawn(self._answers, client, server, flows)

    def _requests(self, client: socket.socket, server: socket.socket, flows: threading.Event) -> None:
        seen = b""
        while data := _received(client):
            seen = seen[-4096:] + data
            if not self._asked and self._query.search(seen):
                self._asked = True
                flows.clear()
            _sent(server, data)
        _hung_up(server)

    def _answers(self, client: socket.socket, server: socket.socket, flows: threading.Event) -> None:
        while data := _received(server):
            if not flows.is_set():
                self.reached.set()
                self.go_on.wait()
                flows.set()
            _sent(client, data)
        _hung_up(client)

    def close(self) -> None:
        self.go_on.set()
        _hung_up(self._listener)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _sent(end: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        end.sendall(data)


def _hung_up(end: socket.socket) -> None:
    """Closing alone would tell nobody as long as another thread waits for data."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


# Moments: the snapshot is taken and nothing is touched but by the hold; the second table is read; the last one is.
UNTOUCHED = "pg_export_snapshot"
GROUPS = r'"groups".{1,300} AS source\s+WHERE (true|ctid)'
LAST = r'"notification_states".{1,300} AS source\s+WHERE (true|ctid)'


@contextmanager
def looking(daybook: Daybook) -> Iterator[Any]:
    """An administrator's cursor that sees each time what is so at that moment."""
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        yield run


class Stopped:
    """An extraction that is stopped, an administrator's cursor meanwhile, and afterwards how it ended."""

    def __init__(self, run: Any) -> None:
        self.run = run
        self.ended = Ended(-1, "still stopped")


@contextmanager
def stopped(daybook: Daybook, driver: Driver, at: str, **changes: str) -> Iterator[Stopped]:
    """An extraction that gets no answer to a query of that form until the block ends, and has ended then."""
    relay = Relay(at, int(daybook.stack.settings("etl")["PGPORT"]))
    with closing(relay), looking(daybook) as run:
        here = Stopped(run)
        driver.begin("extract_postgres", "--ds", DAY, PGPORT=str(relay.port), **changes)
        until(relay.reached.is_set, "the server has answered", driver)
        try:
            yield here
        finally:
            relay.go_on.set()
            here.ended = driver.end()


def keeps(table: str) -> str:
    return f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"


def ask(run: Any, query: str) -> Any:
    run.execute(query)
    return run.fetchone()[0]


def until_all_wait(run: Any, others: list[Other], driver: Driver | None = None) -> None:
    """Until each of them waits for a lock."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid IN ({})"
    query = waits.format(", ".join(str(other.pid) for other in others))
    until(lambda: ask(run, query) == len(others), "all wait for us", driver)


def waits_for_tables(run: Any) -> bool:
    """Whether the extraction waits for one at this moment."""
    return bool(ask(run, "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted "
                         "AND locktype = 'relation' AND application_name = 'daybook'"))  # fmt: skip


def session_of(run: Any, holder: bool) -> int:
    """The session that holds the tables, or the one that gave the snapshot."""
    query = (
        "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' "
        f"AND application_name = 'daybook' AND pid {'=' if holder else '<>'} objid::int ORDER BY backend_start LIMIT 1"
    )
    return int(ask(run, query))
