"""A real Airflow for the tests, and its API. Holds no test."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness import SMALL, Daybook, until

from local import airflow, state
from local.report import say
from local.servers.airflow import processes

DAG = "/dags/daybook_daily"


@dataclass(frozen=True)
class Airflow:
    """A running Airflow, as its administrator sees it."""

    address: str
    token: str

    def api(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """An answer of the API; with a body the request is a POST unless the method says otherwise."""
        return _request(f"{self.address}/api/v2{path}", body, method, self.token)

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as the API tells it."""
        return self.api(f"{DAG}/dagRuns/{run_id}")

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
        until(lambda: self.run(run_id)["state"] in ("success", "failed"), f"run {run_id} ends")
        told = {name: (task["state"], task["try_number"]) for name, task in self.tasks(run_id).items()}
        run = self.run(run_id)
        assert run["state"] == state, told
        return run

    def task_when(self, run_id: str, task: str, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """A task of a run once something holds of it."""
        until(lambda: holds(self.tasks(run_id)[task]), f"{task} of {run_id} {what}")
        return self.tasks(run_id)[task]

    def log(self, run_id: str, task: str, attempt: int) -> str:
        """What an attempt of a task logged, errors included."""
        told = self.api(f"{DAG}/dagRuns/{run_id}/taskInstances/{task}/logs/{attempt}")
        return json.dumps(told["content"], ensure_ascii=False)

    def clear(self, run_id: str, *tasks: str) -> None:
        """Let tasks of a run run again."""
        body = {"dry_run": False, "dag_run_id": run_id, "task_ids": list(tasks), "only_failed": False}
        self.api(f"{DAG}/clearTaskInstances", body)


@contextmanager
def running(daybook: Daybook, **changes: str) -> Iterator[Airflow]:
    """Airflow on the stack under test, told these changes to its environment, until the block ends."""
    home = daybook.stack.home
    try:
        airflow.up(daybook.stack, **SMALL, **changes)
        known = state.load(home)
        address, login = airflow.address(known), {"username": airflow.USER, "password": known.secrets["airflow_admin"]}
        yield Airflow(address, _request(f"{address}/auth/token", login)["access_token"])
    finally:
        for process in processes(home):
            say(f"  {process.name} has ended")
            process.stop()


def _request(url: str, body: Any = None, method: str | None = None, token: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60) as reply:
        return json.load(reply)
