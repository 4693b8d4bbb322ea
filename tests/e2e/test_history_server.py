"""Finished jobs are found again by their names: in the event log, through Spark's own history server."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
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


def ask(address: str, path: str) -> Any:
    """An answer of the server's API, as soon as it answers with something."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/api/v1/{path}", timeout=5) as reply:
                if answer := json.load(reply):
                    return answer
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{address}/{path} did not answer in time")


def test_the_history_server_shows_the_jobs_by_their_names(history: str) -> None:
    applications = {app["name"]: app["id"] for app in ask(history, "applications")}
    days = f"{FIRST} to {LAST}"
    assert {f"daybook {job} {days}" for job in ("extract_postgres", "extract_cassandra", "silver", "gold")} <= set(
        applications
    )
    jobs = ask(history, f"applications/{applications[f'daybook gold {days}']}/jobs")
    described = {job.get("description", "") for job in jobs}
    assert f"parquet global_user_activity_per_day {FIRST}" in described
    assert f"audit global_notif_impact_per_day {LAST}: notifications sent, from silver" in described
    assert "" not in described, "every Spark job says what it is for"
