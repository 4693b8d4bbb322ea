"""Measures of runs for Prometheus, read back by Prometheus's own parser."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from daybook import settings
from daybook.errors import UsageError
from daybook.records import metrics
from daybook.records.run_record import RunRecord, TableDayRun

DAY = date(2025, 3, 1)
STARTED = datetime(2025, 3, 2, 0, 10, tzinfo=UTC)
SILVER = RunRecord(
    "a", "silver", DAY, DAY, STARTED, "0", STARTED + timedelta(seconds=90), 0, "done", 60.5, 2_000_000,
    newest_rate=date(2025, 2, 27),
    table_days=(
        TableDayRun("silver", "users", DAY, 90, 1, 1, rejected=10, complete=True, changed=True),
        TableDayRun("silver", "users", date(2025, 2, 28), 80, 1, 1, rejected=0, complete=True, changed=False),
        TableDayRun("silver", "groups", DAY, 7, 1, 1, rejected=0, complete=False, changed=True),
        TableDayRun("silver", "groups", date(2025, 3, 2), 8, 1, 1, rejected=0, complete=True, changed=True),
    ),
)  # fmt: skip
FAILED = replace(
    SILVER, ended_at=STARTED + timedelta(days=1), exit_code=3, table_days=(), cpu_seconds=None, newest_rate=None
)

LABELS = ("step", "layer", "table")
Read = dict[tuple[str, tuple[str | None, ...]], float]


def read(file: Path) -> Read:
    return {
        (
            sample.name.removeprefix("daybook_"),
            tuple(map(sample.labels.get, LABELS[: len(sample.labels)])),
        ): sample.value
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "daybook.prom"


def test_a_run_that_ended_well_tells_what_it_took_and_what_it_saw_of_its_day(file: Path) -> None:
    metrics.sink(file)(replace(SILVER, ended_at=None, exit_code=None))
    assert not file.exists(), "a run that has begun measures nothing"
    metrics.sink(file)(SILVER)
    ended = (STARTED + timedelta(seconds=90)).timestamp()
    assert read(file) == {
        ("last_run_timestamp_seconds", ("silver",)): ended,
        ("last_run_exit_code", ("silver",)): 0,
        ("step_duration_seconds", ("silver",)): 90,
        ("step_cpu_seconds", ("silver",)): 60.5,
        ("step_peak_memory_bytes", ("silver",)): 2_000_000,
        ("last_success_timestamp_seconds", ("silver",)): ended,
        ("day_rows", ("silver", "silver", "users")): 90,
        ("day_rows", ("silver", "silver", "groups")): 7,
        ("day_rejected_rows", ("silver", "silver", "users")): 10,
        ("day_rejected_rows", ("silver", "silver", "groups")): 0,
        ("day_complete", ("silver", "silver", "users")): 1,
        ("day_complete", ("silver", "silver", "groups")): 0,
        ("rate_age_seconds", ("silver",)): 2 * 86_400,
    }


def test_a_failed_run_keeps_the_last_success_and_what_it_saw(file: Path) -> None:
    metrics.sink(file)(SILVER)
    before = read(file)
    metrics.sink(file)(FAILED)
    changed = {
        ("last_run_timestamp_seconds", ("silver",)): FAILED.ended_at.timestamp() if FAILED.ended_at else 0,
        ("last_run_exit_code", ("silver",)): 3,
        ("step_duration_seconds", ("silver",)): 86_400,
    }
    gone = {("step_cpu_seconds", ("silver",)), ("step_peak_memory_bytes", ("silver",))}
    assert read(file) == {name: value for name, value in (before | changed).items() if name not in gone}


def test_a_run_replaces_what_its_step_said_and_nothing_of_the_others(file: Path) -> None:
    metrics.sink(file)(replace(SILVER, job="gold"))
    of_gold = read(file)
    metrics.sink(file)(SILVER)
    metrics.sink(file)(replace(SILVER, table_days=SILVER.table_days[:1], newest_rate=None))
    found = read(file)
    assert {name: value for name, value in found.items() if name[1][0] == "gold"} == of_gold
    assert [name for name in found if name[1][0] == "silver" and name[0] == "day_rows"] == [
        ("day_rows", ("silver", "silver", "users"))
    ]


def write(file: Path, job: str) -> None:
    metrics.sink(file)(replace(SILVER, job=job))


def test_steps_that_end_together_lose_nothing_of_each_other(file: Path) -> None:
    jobs = [f"step{n}" for n in range(12)]
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        list(pool.map(write, [file] * len(jobs), jobs))
    assert {labels[0] for _, labels in read(file)} == {*jobs}


def test_a_folder_that_is_not_there_is_named_before_anything_begins(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"setting DAYBOOK_METRICS_FILE='.*/none/x.prom': its folder does not exist"):
        settings.metrics_file({"DAYBOOK_METRICS_FILE": str(tmp_path / "none" / "x.prom")})
    assert settings.metrics_file({}) is None
