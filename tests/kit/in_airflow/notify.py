"""A night told by one connection after the other; run by Airflow's Python. Writes how each ended."""

import json
import logging
import os
import sys
from types import SimpleNamespace
from typing import Any

import daybook_daily
from airflow.providers.common.compat.sdk import Context

said: list[str] = []
STATES = {"extract_postgres": "success", "extract_cassandra": "success", "silver": "failed", "gold": "upstream_failed"}


class Log(logging.Handler):
    """What the notifier logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        said.append(record.getMessage())


def told(name: str, connection: str, callback: str) -> str:
    """What is logged of the night when the page has ended, and the connection of this name is named."""
    os.environ |= {"AIRFLOW_CONN_OF_THE_NIGHT": connection, "DAYBOOK_NOTIFY_CONN": name}
    task, said[:] = daybook_daily.dag.get_task("page"), []
    ti = SimpleNamespace(
        dag_id="daybook_daily",
        run_id="night",
        task_id="page",
        get_task_states=lambda **_: {"night": STATES},  # what Airflow's API says of the run
    )
    context: Any = {"task": task, "dag": daybook_daily.dag, "ti": ti, "params": {"ds": "2025-03-01", "to": None}}
    for call in getattr(task, callback):
        call(Context(context))
    return " ".join(said)


logger = logging.getLogger("daybook_tasks.notify")
logger.addHandler(Log())
logger.setLevel(logging.INFO)
ends = [told(*order) for order in json.loads(sys.argv[1])]
sys.stdout.write(f"\n{json.dumps(ends)}\n")
