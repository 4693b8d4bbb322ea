"""What becomes of a Python job at each exit code, and of a query that nobody answers; run by Airflow's Python.

The job is the first file given, the warehouse the second.
"""

import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

from airflow.providers.common.compat.sdk import DAG, Context
from daybook_tasks.python_job import python_job


def decided(code: str, *query: str) -> str:
    """What becomes of a task whose job ends with this code, for the job takes it for its day."""
    with DAG(f"ends_with_{code}", schedule=None, start_date=datetime(2025, 1, 1, tzinfo=UTC)):
        task = python_job(task_id="job")(sys.argv[1], code, code, *query).operator
    task.op_args = (sys.argv[1], code, code, *query)
    try:
        found = task.execute(Context(ti=SimpleNamespace(bundle_instance=None)))  # all that it asks of its run
    except Exception as error:  # noqa: BLE001 - whatever it is, the policy is asked
        sys.stderr.write(f"{error}\n")
        return str(task.retry_policy.evaluate(error, 1, 3, None).action.value)
    return "done" if found is None else f"done: {found}"


found = {code: decided(code) for code in ("0", "1", "2", "3")}
found |= {
    "answered": decided("0", "", sys.argv[2], "SELECT $1, length($2)"),
    "unanswered": decided("0", "", "/nowhere/analytics.duckdb", "SELECT $1, $2"),
}
sys.stdout.write(f"\n{json.dumps(found)}\n")
