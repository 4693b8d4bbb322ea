"""How the end-to-end tests run jobs: as a person does.

`spark-submit <checkout>/jobs/<job>.py`, from another directory, in the activated Spark environment, with the
settings the stack wrote and nothing of the caller's.
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from multiprocessing.connection import Connection, Listener, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import psycopg2

from daybook import settings as daybook_settings
from daybook.contracts import CASSANDRA_TABLES, FIGURE_TABLES, GOLD_TABLES, POSTGRES_TABLES, SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.lake import manifest
from daybook.lake.paths import FORMATS, Batch, Lake, Layer, batch_of
from daybook.lake.store import Store
from daybook.settings import LakePlaces
from local.stack import Stack
from toolchain import places

JOBS = places.ROOT / "jobs"
_ALL: tuple[SourceTable | GoldTable, ...] = (*SOURCE_TABLES, *GOLD_TABLES)
CONTRACTS = {table.name: table for table in _ALL}
FIRST, LAST = "2025-03-01", "2025-03-03"
SPARK_JOBS = ("extract_postgres", "extract_cassandra", "silver", "gold")
RANGE = ("--from", FIRST, "--to", LAST)
# Small days end before the JVM's second compiler pays: a third of the processor time less. With one alone the room for
# compiled code is a fifth: a driver that stays fills it in half a minute, compiles no more and may end for that.
ONE_COMPILER = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"
# Nor does code that Spark makes for each plan: expressions are walked, a quarter less. It must give the same figures.
WALKED = "-Dspark.sql.codegen.wholeStage=false -Dspark.sql.codegen.factoryMode=NO_CODEGEN"
SMALL = {"SPARK_SUBMIT_OPTS": f"{ONE_COMPILER} {WALKED}"}
# In a driver that stays for all tests the second compiler pays from the fourth day on.
LONG = {"SPARK_SUBMIT_OPTS": WALKED}
MEMORY = "1536m"  # of each such driver: it would take all it may have, and several of them run at once
# By the code that Spark makes, as with the settings that are shipped.
SHIPPED = {"SPARK_SUBMIT_OPTS": ONE_COMPILER}
# An event log is for whoever asks for one: local Spark names it by the millisecond, and two drivers that start in the
# same one would write into each other's.
UNLOGGED = {"DAYBOOK_EVENT_LOG": ""}
PATIENCE_SECONDS = 1800  # for what is sure to happen; a busy machine takes its time


Found = TypeVar("Found")

_HEAD = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?:INFO|WARNING|ERROR) ")


def said(line: str) -> str:
    """A line of the log without its time and level; another program's as it is."""
    return _HEAD.sub("", line)


@dataclass(frozen=True)
class Ended:
    """A job that has ended: its exit code and all it printed."""

    code: int
    output: str

    @property
    def last_line(self) -> str:
        """What a person reads last, without its time and level."""
        return said(self.output.strip().splitlines()[-1])


@dataclass(frozen=True)
class Driver:
    """A process that stays (`resident.py`), a Spark driver mostly: its JVM is up, a job begins at once.

    What it prints outside its jobs is in the log: a test that finds it gone tells that.
    """

    line: Connection
    process: "subprocess.Popen[bytes]"
    log: Path
    jobs: Path = JOBS
    begun: list[str] = field(default_factory=list)

    def begin(self, job: str, *arguments: str, **changes: str) -> None:
        """Begin a job and do not wait for it; keyword arguments change its environment."""
        self.begun.append(job)
        order = {"number": len(self.begun), "arguments": arguments, "environment": changes}
        with self._told_if_gone():
            self.line.send(order | {"file": str(self.jobs / f"{job}.py")})

    def end(self) -> Ended:
        """Wait for the job that was begun last; what a failed test left behind is let by."""
        with self._told_if_gone():
            while (answer := self.line.recv())["number"] != len(self.begun):
                pass
        return Ended(answer["code"], answer["output"])

    def run(self, job: str, *arguments: str, **changes: str) -> Ended:
        """Begin a job and wait for it."""
        self.begin(job, *arguments, **changes)
        return self.end()

    @contextmanager
    def _told_if_gone(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):
            code = self.process.wait(PATIENCE_SECONDS)
            gone = f"the process of {self.begun} has ended with {code}; it said: {self.log.read_text()}"
            raise AssertionError(gone) from None


@dataclass(frozen=True)
class Daybook:
    """The stack under test and how its jobs are run: `under` a program, with `options` of spark-submit's own."""

    stack: Stack
    elsewhere: Path
    jobs: Path = JOBS
    under: Sequence[str] = ()
    options: Sequence[str] = ()

    def env(self, account: str = "etl", **changes: str) -> dict[str, str]:
        """An activated Spark environment with an account's settings, and nothing of the caller's."""
        activated = f"{places.environment('spark') / 'bin'}:{os.environ['PATH']}"
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        return kept | SMALL | {"PATH": activated} | self.stack.settings("etl") | self.stack.settings(account) | changes

    def submit(self, job: str, /, *arguments: str, **changes: str) -> Ended:
        """Run a Spark job; keyword arguments change its environment."""
        return self._run(["spark-submit", *self.options], job, arguments, self.env(**changes))

    @contextmanager
    def driver(self, **changes: str) -> Iterator[Driver]:
        """A Spark driver that stays until the block ends."""
        runner = ["spark-submit", "--driver-memory", MEMORY, *self.options]
        with self._resident(runner, self.env(**UNLOGGED | changes)) as up:
            yield up

    @contextmanager
    def loader(self) -> Iterator[Driver]:
        """A process of the loader's account that stays and runs `load_duckdb`, as `load` would."""
        with self._resident([str(places.python("duckdb"))], self.env("loader")) as up:
            yield up

    def load(self, *arguments: str, **changes: str) -> Ended:
        """Run the loader, as the account that reads gold and nothing else."""
        return self._run([str(places.python("duckdb"))], "load_duckdb", arguments, self.env("loader", **changes))

    def verify(self, *arguments: str, **changes: str) -> Ended:
        """Walk a day's chain of proof."""
        return self.by_duckdb("verify", *arguments, **changes)

    def by_duckdb(self, job: str, /, *arguments: str, **changes: str) -> Ended:
        """Run a job that needs no Spark, as the account of the jobs."""
        return self._run([str(places.python("duckdb"))], job, arguments, self.env(**changes))

    def page(self, day: str, **changes: str) -> Ended:
        """Make a day's page."""
        return self._run([str(places.python("page"))], "page", ("--ds", day), self.env(**changes))

    def postgres(self, account: str) -> Any:
        """A connection to PostgreSQL as one of the accounts."""
        who = self.stack.settings(account)
        return psycopg2.connect(
            host=who["PGHOST"],
            port=who["PGPORT"],
            dbname=who["PGDATABASE"],
            user=who["PGUSER"],
            password=who["PGPASSWORD"],
        )

    @property
    def postgres_address(self) -> str:
        """How the jobs' lines name PostgreSQL."""
        etl = self.stack.settings("etl")
        return f"PostgreSQL {etl['PGHOST']}:{etl['PGPORT']}/{etl['PGDATABASE']} as {etl['PGUSER']}"

    @cached_property
    def lake(self) -> LakePlaces:
        """Where the lake is."""
        return daybook_settings.lake(self.stack.settings("etl"))

    def own_lake(self, name: str) -> dict[str, str]:
        """Settings that give a test a lake and a warehouse of its own."""
        lake, folder = self.lake, self.stack.home / "duckdb"
        layers = {"BRONZE": lake.bronze, "SILVER": lake.silver, "GOLD": lake.gold}
        return {f"DAYBOOK_{layer}": f"{root}/test_{name}" for layer, root in layers.items()} | {
            "DUCKDB_PATH": str(folder / f"test_{name}.duckdb")
        }

    def batch(self, layer: Layer, table: str, day: date, **layers: str) -> Batch:
        """The batch that holds a table-day; the layers are the shared ones unless settings say otherwise."""
        lake = Lake(daybook_settings.lake(self.stack.settings("etl") | layers))
        batch: Batch = getattr(lake, layer)(CONTRACTS[table], day)
        return batch

    def contents(self, batch: Batch) -> dict[str, list[str]]:
        """Table → digests of its live files' data: what a batch holds, to the byte."""
        return {table: sorted(_digest(body) for body in bodies) for table, bodies in self._bodies(batch).items()}

    def day(self, day: date, **layers: str) -> dict[str, object]:
        """What all files of a day hold; the layers are the shared ones unless settings say otherwise."""
        lake = Lake(daybook_settings.lake(self.stack.settings("etl") | layers))
        return {
            "bronze": [self.lines(lake.bronze(table, day)) for table in (POSTGRES_TABLES[0], *CASSANDRA_TABLES)],
            "silver": [self.contents(lake.silver(table, day)) for table in SOURCE_TABLES],
            "gold": self.gold(day, **layers),
        }

    def gold(self, day: date, **layers: str) -> list[dict[str, list[str]]]:
        """What the tables of figures of a day hold; the layers are the shared ones unless settings say otherwise."""
        return [self.contents(self.batch("gold", table.name, day, **layers)) for table in FIGURE_TABLES]

    def lines(self, batch: Batch) -> dict[str, list[bytes]]:
        """Table → all lines of its live bronze files: which row is in which file is an affair of the reading."""
        bodies = self._bodies(batch)
        return {
            table: sorted(line for body in found for line in body.split(b"\n")[1:-1]) for table, found in bodies.items()
        }

    def _bodies(self, batch: Batch) -> dict[str, list[bytes]]:
        live = manifest.read(self.store, batch)
        assert live, f"{batch} is published"
        return {
            table: [stored.body for file in entry.files if (stored := self.store.get(file.name))]
            for table, entry in live.manifest.tables.items()
        }

    def stored(self, root: str) -> dict[str, int]:
        """The objects below a folder, by name, with their bytes: all but the records of runs."""
        return {name: size for name, size in self.store.sizes(root).items() if "/_runs/" not in name}

    def unnamed(self, *roots: str) -> set[str]:
        """The files below the roots that no manifest names; lakes of other tests do not count."""
        found = set()
        for root in roots:
            objects = {name for name in self.stored(root) if not name.startswith(f"{root}/test_")}
            manifests = {name for name in objects if name.endswith("/_MANIFEST.json")}
            found |= objects - manifests
            for name in manifests:
                live = manifest.read(self.store, batch_of(layer_of(name), name))
                found -= set(live.manifest.all_files) if live else set()
        return found

    @cached_property
    def store(self) -> Store:
        """The object store, as the jobs' account."""
        return Store(self.lake.endpoint, "tests")

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return daybook_settings.duckdb_path(self.stack.settings("etl"))

    def _run(self, runner: list[str], job: str, arguments: Sequence[str], env: dict[str, str]) -> Ended:
        command = [*self.under, *runner, str(self.jobs / f"{job}.py"), *arguments]
        return ended(command, env, self.elsewhere)

    @contextmanager
    def _resident(self, runner: list[str], env: dict[str, str]) -> Iterator[Driver]:
        """`resident.py`, started by the runner, until the block ends."""
        resident = Path(__file__).with_name("resident.py")
        with TemporaryDirectory() as place, Listener(f"{place}/line") as listener:
            command = [*self.under, *runner, str(resident), str(self.jobs), str(listener.address)]
            log = Path(place, "log")
            with (
                log.open("w") as told,
                subprocess.Popen(command, env=env, cwd=self.elsewhere, stdout=told, stderr=told) as process,
            ):
                ended = os.pidfd_open(process.pid)
                called = wait([listener._listener._socket, ended])  # type: ignore[attr-defined] # it has no public name
                os.close(ended)
                assert ended not in called, f"{' '.join(command)} ended before it was up: {log.read_text()}"
                with listener.accept() as line:
                    yield Driver(line, process, log, self.jobs)


def layer_of(name: str) -> Layer:
    """The layer of an object of the tests' lakes: its bucket bears that name, or a folder above it."""
    return next(layer for layer in FORMATS if layer in name.split("/"))


def ended(command: Sequence[str], env: Mapping[str, str], folder: Path) -> Ended:
    """Run a command in a folder, in no environment but this one."""
    done = subprocess.run(command, env=env, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return Ended(done.returncode, done.stdout)


def until(happened: Callable[[], Found | None], what: str, running: Driver | None = None, every: float = 0.05) -> Found:
    """What `happened`, asked every so many seconds, gives once it is something; a `running` job must not end before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := happened()):
        assert not (running and running.line.poll()), running.end().output
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(every)
    return found


def _digest(body: bytes) -> str:
    """Of Parquet without the footer: it lists each column's encodings, a set, in an order of its JVM's."""
    footer = int.from_bytes(body[-8:-4], "little") + 8 if body.endswith(b"PAR1") else 0
    return sha256(body[: len(body) - footer]).hexdigest()
