"""Finished jobs are found again by their names: in the event log, through Spark's own history server."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from local.demo.proof import Proof
from tests.kit.harness import FIRST, LAST, Daybook, until
from toolchain import places


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


def answer(address: str, path: str) -> Any:
    """What the server's API answers; nothing while it does not."""
    try:
        with urllib.request.urlopen(f"{address}/api/v1/{path}", timeout=30) as reply:
            return json.load(reply)
    except OSError:
        return None


@pytest.mark.timeout(120, func_only=True)
def test_the_history_server_shows_a_run_by_its_name_and_what_each_spark_job_was_for(history: str) -> None:
    name = f"daybook day {FIRST} to {LAST}"

    def listed() -> str | None:
        """The application's id, once it is among them: the server lists what it has read, newest first."""
        return {app["name"]: app["id"] for app in answer(history, "applications") or ()}.get(name)

    run = until(listed, "the history server lists the run")
    spark_jobs = until(lambda: answer(history, f"applications/{run}/jobs"), "its Spark jobs")
    described = {job.get("description", "") for job in spark_jobs}
    assert f"parquet global_user_activity_per_day {FIRST} to {LAST}" in described
    assert f"audit global_notif_impact_per_day {FIRST} to {LAST}, from silver" in described
    assert "" not in described, "every Spark job says what it is for"
