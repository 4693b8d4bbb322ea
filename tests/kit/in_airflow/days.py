"""Which day each kind of run processes, as Airflow's own timetable and templates say; run by Airflow's Python."""

import json
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import daybook_daily
from airflow.sdk.execution_time import macros
from airflow.timetables.base import DataInterval, TimeRestriction

NIGHT = datetime(2025, 3, 5, tzinfo=UTC)


def day(interval: DataInterval | None, **params: str) -> str:
    """The days of a task, rendered for a run of this interval: one, or the first and the last."""
    task = daybook_daily.dag.get_task("silver")
    run = SimpleNamespace(run_after=NIGHT.replace(hour=10))
    known: dict[str, Any] = {
        "dag_run": run,
        "macros": macros,
        "ds": "never",
        "params": {"ds": None, "to": None, **params},
    }
    if interval:
        known["data_interval_start"] = interval.start
    return " to ".join(dict.fromkeys(task.render_template(task.days, known, daybook_daily.dag.get_template_env())))


def main() -> None:
    """Print kind → day, and when the night's run is due."""
    timetable = daybook_daily.dag.timetable
    before = DataInterval(NIGHT - timedelta(days=2), NIGHT - timedelta(days=1))
    night = timetable.next_dagrun_info(
        last_automated_data_interval=before,
        restriction=TimeRestriction(earliest=NIGHT - timedelta(days=30), latest=None, catchup=True),
    )
    assert night
    by_hand = timetable.infer_manual_data_interval(run_after=NIGHT.replace(hour=10))
    found = {
        "scheduled": day(night.data_interval),
        "due": str(night.run_after),
        "by hand at ten": day(by_hand),
        "by hand, undated": day(None),
        "by hand, told": day(by_hand, ds="2025-01-31"),
        "by hand, told a range": day(by_hand, ds="2025-01-30", to="2025-02-02"),
        "by hand at midnight": day(timetable.infer_manual_data_interval(run_after=NIGHT)),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
