"""A task of the DAG, executed with one connection after the other; run by Airflow's Python. Writes how each ended."""

import json
import os
import sys

import daybook_daily
from airflow.providers.common.compat.sdk import AirflowException, Context

NAME = "AIRFLOW_CONN_DAYBOOK_SPARK"


def submitted(connection: str | None) -> str:
    """What becomes of a task that finds this connection, or none."""
    os.environ.pop(NAME, None)
    if connection:
        os.environ[NAME] = connection
    try:
        daybook_daily.dag.get_task("silver").execute(Context())
    except AirflowException as error:
        return f"{type(error).__name__}: {error}"
    return "submitted"


ends = [submitted(connection) for connection in json.loads(sys.argv[1])]
sys.stdout.write(f"\n{json.dumps(ends)}\n")
