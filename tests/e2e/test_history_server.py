"""Finished jobs are found again by their names: in the event log, through Spark's own history server."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import FIRST, LAST, Daybook

from local import places
from local.proof import Proof

pytestmark = pytest.mark.e2e


@pytest.fixture
def history(daybook: Daybook, proof: Proof) -> Iterator[str]:
    """The address of `make history` over this run's event logs."""
    command = [sys.executable, "-m", "local", "--home", str(daybook.stack.home), "history"]
    with subprocess.Popen(
        command, cwd=places.ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        try:
            assert server.stdout
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found
            yield found.group()
        finally:
            os.killpg(server.pid, 15)


def ask(address: str, path: str, enough: Callable[[Any], bool]) -> Any:
    """The first answer of the server's API that is enough: it lists a log once it has read it, newest first."""
    deadline = time.monotonic() + 120
    answer = None
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/api/v1/{path}", timeout=30) as reply:
                if enough(answer := json.load(reply)):
                    return answer
        except OSError as unanswered:
            answer = unanswered
        time.sleep(0.2)
    raise AssertionError(f"{address}, {path}: in time there was only {answer}")


def test_the_history_server_shows_the_jobs_by_their_names(history: str) -> None:
    days = f"{FIRST} to {LAST}"
    jobs = {f"daybook {job} {days}" for job in ("extract_postgres", "extract_cassandra", "silver", "gold")}
    listed = ask(history, "applications", lambda apps: jobs <= {app["name"] for app in apps})
    ids = {app["name"]: app["id"] for app in listed}
    spark_jobs = ask(history, f"applications/{ids[f'daybook gold {days}']}/jobs", bool)
    described = {job.get("description", "") for job in spark_jobs}
    assert f"parquet global_user_activity_per_day {FIRST}" in described
    assert f"audit global_notif_impact_per_day {LAST}: notifications sent, from silver" in described
    assert "" not in described, "every Spark job says what it is for"
