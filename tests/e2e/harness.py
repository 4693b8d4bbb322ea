"""How the end-to-end tests run jobs: as a person does.

`spark-submit <checkout>/jobs/<job>.py`, from another directory, in the activated Spark environment, with the
settings the stack wrote and nothing of the caller's.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from daybook import settings as daybook_settings
from daybook.lake.store import Store
from daybook.settings import Lake
from local import places
from local.stack import Stack

JOBS = places.ROOT / "jobs"
FIRST, LAST = "2025-03-01", "2025-03-03"
RANGE = ("--from", FIRST, "--to", LAST)


@dataclass(frozen=True)
class Ended:
    """A job that has ended: its exit code and all it printed."""

    code: int
    output: str

    @property
    def last_line(self) -> str:
        """What a person reads last."""
        return self.output.strip().splitlines()[-1]


@dataclass(frozen=True)
class Daybook:
    """The stack under test and how its jobs are run."""

    stack: Stack
    elsewhere: Path

    def env(self, account: str = "etl", **changes: str) -> dict[str, str]:
        """An activated Spark environment with an account's settings, and nothing of the caller's."""
        activated = f"{places.environment('spark') / 'bin'}:{os.environ['PATH']}"
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        return kept | {"PATH": activated} | self.stack.settings("etl") | self.stack.settings(account) | changes

    def submit(self, job: str, *arguments: str, **changes: str) -> Ended:
        """Run a Spark job; keyword arguments change its environment."""
        return self._run(["spark-submit", str(JOBS / f"{job}.py"), *arguments], self.env(**changes))

    def load(self, *arguments: str, **changes: str) -> Ended:
        """Run the loader, as the account that reads gold and nothing else."""
        command = [str(places.python("duckdb")), str(JOBS / "load_duckdb.py"), *arguments]
        return self._run(command, self.env("loader", **changes))

    def postgres(self, account: str) -> Any:
        """A connection to PostgreSQL as one of the accounts."""
        who = self.stack.settings(account)
        names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
        return psycopg2.connect(**{key: who[name] for key, name in names.items()})

    @property
    def lake(self) -> Lake:
        """Where the lake is."""
        return daybook_settings.lake(self.stack.settings("etl"))

    @property
    def store(self) -> Store:
        """The object store, as the jobs' account."""
        return Store(self.lake.endpoint)

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return daybook_settings.duckdb_path(self.stack.settings("etl"))

    def _run(self, command: list[str], env: dict[str, str]) -> Ended:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        done = subprocess.run(command, env=env, cwd=self.elsewhere, text=True, **streams)
        return Ended(done.returncode, done.stdout)
