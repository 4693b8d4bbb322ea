"""`dag.test()` of the whole DAG, dated, undated, told a day, told a range; run by Airflow's Python.

Writes what each submitted.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import daybook_daily

SUBMITTED = Path(sys.argv[1])


def submitted(**arguments: Any) -> list[str]:
    """What the Spark tasks of one run submitted; the others need what those would have made."""
    SUBMITTED.write_text("")
    run = daybook_daily.dag.test(mark_success_pattern="load_duckdb|verify|page", **arguments)
    assert run.state == "success", run.state
    return sorted(SUBMITTED.read_text().splitlines())


found = {
    "at ten": submitted(logical_date=datetime(2025, 3, 5, 10, tzinfo=UTC)),
    "undated": submitted(),
    "told": submitted(run_conf={"ds": "2025-01-31"}),
    "told a range": submitted(run_conf={"ds": "2025-01-30", "to": "2025-02-02"}),
}
sys.stdout.write(f"\n{json.dumps(found)}\n")
