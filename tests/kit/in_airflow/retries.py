"""One try of a real task of the DAG under each condition; run by Airflow's Python. Writes each task's state after it.

Each condition gives the task, the day, changes to the environment, and whether the JVM is to be killed. Airflow's own
execution API, in this process, decides whether there is another try: `up_for_retry` or `failed`.
"""

import json
import os
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import daybook_daily
from airflow.cli.commands.task_command import _get_ti
from airflow.sdk.definitions.dag import _run_task
from airflow.serialization.serialized_objects import DagSerialization
from daybook_tasks import places

from tests.kit.processes import running

SCHEDULED = DagSerialization.from_dict(DagSerialization.to_dict(daybook_daily.dag))
FIRST = datetime(2025, 6, 1, tzinfo=UTC)


def kill_java(job: str, day: str) -> None:
    """Kill the JVM of a job, which is its driver's parent, once both are there."""
    while not (drivers := running(f"bin/python {places.job(job)} --ds {day}")):
        time.sleep(0.1)
    if jvm := drivers[0].parent():
        jvm.kill()


def tried(number: int, task: str, day: str, changes: dict[str, str], killed: bool) -> str:
    """The state of a task after its first try in a run of its own."""
    own = daybook_daily.dag.get_task(task)
    own.params["ds"] = day
    at = (FIRST + timedelta(days=number)).isoformat()
    instance, _ = _get_ti(SCHEDULED.get_task(task), -1, logical_date_or_run_id=at, create_if_necessary="db")
    if killed:
        threading.Thread(target=kill_java, args=(task, day), daemon=True).start()
    with mock.patch.dict(os.environ, changes):
        _run_task(ti=instance, task=own)
    return str(instance.state.value)


conditions: list[dict[str, Any]] = json.loads(sys.argv[1])
found = [tried(number, **condition) for number, condition in enumerate(conditions)]
sys.stdout.write(f"\n{json.dumps(found)}\n")
