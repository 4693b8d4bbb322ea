"""What jobs delete, as the store itself tells it: MinIO reports each request, and a job's name says what is its own.

The bounds are said here once more, in other words than the product's: a table-day of the job's own layer, on one of
its days or of the days around them that it makes or makes again.
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any
from urllib.parse import unquote

from daybook.contracts import CASSANDRA_TABLES, GOLD_TABLES, POSTGRES_TABLES, SOURCE_TABLES
from daybook.days import through
from daybook.lake.store import Store

# The layers in which each job deletes, in the order in which it names their places; any other job deletes nothing.
LAYERS = {
    "extract_postgres": ("bronze",), "extract_cassandra": ("bronze",), "silver": ("silver",), "gold": ("gold",),
    "day": ("bronze", "silver", "gold"), "sweep": ("bronze", "silver", "gold"),
    "check": ("bronze", "silver", "gold"),
}  # fmt: skip
_TABLES = {
    ("extract_postgres", "bronze"): POSTGRES_TABLES, ("extract_cassandra", "bronze"): CASSANDRA_TABLES,
    ("day", "bronze"): SOURCE_TABLES,
}  # fmt: skip
_DAY = r"\d{4}-\d{2}-\d{2}"
_AGENT = re.compile(rf"daybook-(?P<job>[a-z_]+)(/(?P<first>{_DAY})\.\.(?P<last>{_DAY}))?( \((?P<places>[^)]*)\))?")
_NAME = re.compile(rf"(_rejected/)?(?P<table>[^/]+)/(?P<day>{_DAY})/(?!_MANIFEST\.json$)(?P<rest>.*)")
_SECONDS = 60.0


@dataclass(frozen=True)
class Delete:
    """A request to delete an object: how the client named itself, and the object's full name."""

    agent: str
    name: str

    @property
    def job(self) -> str | None:
        """The job that sent it; None if it was none of Daybook's."""
        found = _AGENT.search(self.agent)
        return found["job"] if found else None

    @property
    def is_foreign(self) -> bool:
        """Whether a job of Daybook's deletes what is not its own."""
        found = _AGENT.search(self.agent)
        if not found or found["job"] == "demo":
            return False
        job, places = found["job"], unquote(found["places"] or "").split()
        layers = zip(LAYERS.get(job, ()), places, strict=True)
        below = [(layer, self.name.removeprefix(f"{at}/")) for layer, at in layers if self.name.startswith(f"{at}/")]
        return not any(_is_own(job, layer, found["first"], found["last"], name) for layer, name in below)


def _is_own(job: str, layer: str, first: str, last: str, name: str) -> bool:
    if job == "check":
        return name.startswith("_check/")
    found = _NAME.fullmatch(name)
    if not found:
        return False
    if job == "sweep":
        return bool(re.match(r"(_attempts|[a-z_]+\.(csv|parquet))/.", found["rest"]))
    return found["table"] in _made(job, layer, first, last).get(found["day"], ())


@cache
def _made(job: str, layer: str, first: str, last: str) -> Mapping[str, set[str]]:
    """The tables that a run for these days makes in a layer, by day."""
    days = through(date.fromisoformat(first), date.fromisoformat(last))
    tables: Any = _TABLES.get((job, layer), GOLD_TABLES if layer == "gold" else SOURCE_TABLES)
    own: dict[str, set[str]] = {}
    around = {day for table in GOLD_TABLES for day in table.reach(days)} | {*days} if layer == "silver" else days
    for table in tables:
        for day in table.days_made_for(days) if layer == "gold" else around:
            own.setdefault(str(day), set()).add(table.name)
    return own


@dataclass
class Deletes:
    """All that the stores of this run were asked to delete."""

    port: int = 0
    found: list[Delete] = field(default_factory=list)
    _more: Condition = field(default_factory=Condition)

    @property
    def settings(self) -> dict[str, str]:
        """What makes a MinIO tell of its requests: many at once, each second."""
        told = {"ENABLE": "on", "ENDPOINT": f"http://127.0.0.1:{self.port}/", "BATCH_SIZE": "1000"}
        return {f"MINIO_AUDIT_WEBHOOK_{name}_TESTS": value for name, value in told.items()}

    def take(self, body: bytes) -> None:
        """Keep those of a batch of reported requests that delete."""
        some = [delete for line in body.splitlines() if b'"Delete' in line for delete in _read(line)]
        with self._more:
            self.found += some
            self._more.notify_all()

    def of(self, *jobs: str) -> list[Delete]:
        """Those that jobs have sent so far."""
        return [delete for delete in self.found if delete.job in jobs]

    def settle(self, endpoint: str | None, bucket: str) -> None:
        """Wait until all is told that was asked for before: the store tells in order, and this asks once more."""
        last = f"s3a://{bucket}/none/{uuid.uuid4()}"
        Store(endpoint, "tests").delete([last])
        with self._more:
            told = self._more.wait_for(lambda: any(delete.name == last for delete in self.found), _SECONDS)
        assert told, "the store has ceased to tell of its requests"

    def foreign(self) -> list[str]:
        """What jobs deleted that was not their own."""
        return sorted({f"{delete.agent}: {delete.name}" for delete in {*self.found} if delete.is_foreign})


def _read(line: bytes) -> Iterator[Delete]:
    """The objects that a reported request deletes."""
    told = json.loads(line)
    api = told.get("api", {})
    if api.get("name") not in ("DeleteObject", "DeleteMultipleObjects"):
        return
    names = {each["objectName"] for each in api.get("objects", ())} | ({api["object"]} if api.get("object") else set())
    assert names, f"a delete of which the store does not say what: {line!r}"
    yield from (Delete(told.get("userAgent", ""), f"s3a://{api['bucket']}/{name}") for name in names)


@contextmanager
def told() -> Iterator[Deletes]:
    """What the stores tell that are started with these settings, until the block ends."""
    deletes = Deletes()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            deletes.take(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        deletes.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield deletes
        finally:
            with suppress(OSError):
                server.shutdown()
