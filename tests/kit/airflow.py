"""A real Airflow for the tests, and its API."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import airflow, state
from local.accounts import airflow as metadata
from local.servers.airflow import processes
from tests.kit.harness import SMALL, Daybook, ended, until
from toolchain import places
from toolchain.report import say

DAG = "/dags/daybook_daily"
IN_AIRFLOW = Path(__file__).with_name("in_airflow")  # scripts for an environment of Airflow
# The files of the DAG are read again and again only where somebody changes them.
UNCHANGED = {"AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600"}
ASK_SECONDS = 2.0  # an answer of the API costs as much processor time as a small task


@dataclass(frozen=True)
class Airflow:
    """A running Airflow, as its administrator sees it."""

    address: str
    token: str
    environment: dict[str, str] = field(repr=False)

    def api(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """An answer of the API; with a body the request is a POST unless the method says otherwise."""
        return _request(f"{self.address}/api/v2{path}", body, method, self.token)

    def cli(self, *arguments: str, **changes: str) -> str:
        """What Airflow's command line prints, errors included, with changes to its environment."""
        command = [str(places.environment("airflow") / "bin" / "airflow"), *arguments]
        done = ended(command, self.environment | changes, places.ROOT)
        assert done.code == 0, done.output
        return done.output

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as the API tells it."""
        return dict(self.api(f"{DAG}/dagRuns/{run_id}"))

    def tasks(self, run_id: str) -> dict[str, dict[str, Any]]:
        """The tasks of a run by name."""
        found = self.api(f"{DAG}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {task["task_id"]: task for task in found}

    def trigger(self, logical_date: str | None, **conf: str) -> str:
        """Start a run by hand; gives its id."""
        run = self.api(f"{DAG}/dagRuns", {"logical_date": logical_date, "conf": conf})
        return str(run["dag_run_id"])

    def ended(self, run_id: str, state: str = "success") -> dict[str, Any]:
        """The run once it has ended, which must be in this state."""
        run = until(lambda: over(self.run(run_id)), f"run {run_id} ends", every=ASK_SECONDS)
        assert run["state"] == state, self.tries(run_id)
        return run

    def tries(self, run_id: str) -> dict[str, tuple[str, int]]:
        """Task → its state, and how often it was tried."""
        return {name: (task["state"], task["try_number"]) for name, task in self.tasks(run_id).items()}

    def task_when(self, run_id: str, task: str, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """A task of a run once something holds of it."""

        def found() -> dict[str, Any] | None:
            told = self.tasks(run_id)[task]
            return told if holds(told) else None

        return until(found, f"{task} of {run_id} {what}", every=ASK_SECONDS)

    def log(self, run_id: str, task: str, attempt: int) -> str:
        """What an attempt of a task logged, errors included."""
        told = self.api(f"{DAG}/dagRuns/{run_id}/taskInstances/{task}/logs/{attempt}")
        return json.dumps(told["content"], ensure_ascii=False)

    def logged(self, run_id: str, task: str, attempt: int, words: str) -> None:
        """Wait until an attempt of a task has logged these words: it may do so after its end."""
        what = f"{task} of {run_id} logs {words!r}"
        until(lambda: words in self.log(run_id, task, attempt), what, every=ASK_SECONDS)

    def clear(self, run_id: str, task: str, *, downstream: bool = True, really: bool = True) -> set[str]:
        """Let a task of a run run again, with those after it as the UI does; gives which."""
        body = {"dry_run": not really, "dag_run_id": run_id, "task_ids": [task], "only_failed": False}
        cleared = self.api(f"{DAG}/clearTaskInstances", body | {"include_downstream": downstream})
        return {instance["task_id"] for instance in cleared["task_instances"]}


def of_one_process(daybook: Daybook, home: Path, lake: dict[str, str]) -> dict[str, str]:
    """The environment of an Airflow in one process, whose tasks run in it; its metadata are a file in `home`."""
    loader = daybook.stack.settings("loader")
    env = SMALL | daybook.stack.settings("etl") | lake | {
        **{f"DAYBOOK_LOADER_{name}": loader[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")},
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(places.ROOT / "dags"),
        "AIRFLOW_CONN_DAYBOOK_SPARK": '{"conn_type": "spark", "host": "local[*]"}',
        "DAYBOOK_DUCKDB_ENV": str(places.environment("duckdb")),
        "DAYBOOK_EVENT_LOG": "",
        "PYTHONPATH": os.pathsep.join((str(places.ROOT / "dags"), str(places.ROOT))),  # the DAG's own, and tests.kit
    }  # fmt: skip
    for arguments in (["-m", "airflow", "db", "migrate"], ["-m", "airflow", "dags", "reserialize"]):
        python(home, env, *arguments)
    return env


def python(home: Path, env: dict[str, str], *arguments: str) -> str:
    """What Airflow's Python prints."""
    command = [str(places.python("airflow")), *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def over(run: dict[str, Any]) -> dict[str, Any] | None:
    """The run if it has ended; a cleared one keeps its old end."""
    return run if run["state"] in ("success", "failed") else None


@contextmanager
def running(daybook: Daybook, **changes: str) -> Iterator[Airflow]:
    """Airflow on the stack under test, told these changes to its environment, until the block ends.

    It knows no runs, and takes those of the block with it: another in the same process of tests begins anew, too.
    """
    home, told = daybook.stack.home, SMALL | UNCHANGED | changes
    try:
        airflow.up(daybook.stack, **told)
        known = state.load(home)
        address, login = airflow.address(known), {"username": airflow.USER, "password": known.secrets["airflow_admin"]}
        token = _request(f"{address}/auth/token", login)["access_token"]
        yield Airflow(address, token, airflow.environment(daybook.stack) | told)
    finally:
        for process in processes(home):
            say(f"  {process.name} has ended")
            process.stop()
        metadata.drop(daybook.stack.settings("admin"))


def _request(url: str, body: Any = None, method: str | None = None, token: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60) as reply:
        return json.load(reply)
