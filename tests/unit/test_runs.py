"""Records of runs: what each says of a good, a failed, a killed and a repeated run, and that a run never needs them."""

import errno
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from daybook import days
from daybook.errors import DataError, RetryableError
from daybook.log import log
from daybook.process import runs, runtime
from daybook.records import run_record
from daybook.records.run_record import RunRecord, TableDayRun
from daybook.settings import LakePlaces
from tests.kit.clock import today_for
from tests.kit.warehouse import MemoryStore

DAY = date(2025, 3, 1)
CANARY = "canary-4711"
PLACES = LakePlaces("s3a://bronze", "s3a://silver", "s3a://gold", None)
USERS = TableDayRun("silver", "users", DAY, rows=90, bytes=1200, seconds=1.5, rejected=10, complete=True, changed=True)


def ran(work: Callable[[], None]) -> tuple[int, list[RunRecord]]:
    """The exit code of a job that does this work, and each state of its record."""
    written: list[RunRecord] = []

    def main() -> None:
        run_record.begin("silver", [DAY, date(2025, 3, 3)], "0.1.0+abc", [written.append])
        work()

    return runtime.run(main), written


def fails(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def does_its_work() -> None:
    run_record.note_table_day(USERS)
    run_record.note(application_id="local-1", newest_rate=date(2025, 2, 28))
    log.info("silver done: 1 tables published")


def test_a_good_run_is_written_at_its_start_and_replaced_at_its_end() -> None:
    code, [at_start, at_end] = ran(does_its_work)
    assert (code, at_start.exit_code, at_start.ended_at, at_start.table_days) == (0, None, None, ())
    assert (at_end.id, at_end.name) == (at_start.id, at_start.name)
    assert (at_end.job, at_end.first_day, at_end.last_day) == ("silver", DAY, date(2025, 3, 3))
    assert (at_end.exit_code, at_end.last_line) == (0, "silver done: 1 tables published")
    assert (at_end.table_days, at_end.application_id) == ((USERS,), "local-1")
    assert at_end.ended_at and at_end.ended_at >= at_end.started_at
    assert at_end.cpu_seconds and at_end.peak_memory_bytes and at_end.peak_memory_bytes > 10_000_000


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (RetryableError("store: away"), 1, "failed (exit 1): store: away -- next: run the same command again"),
        (DataError("users: odd", then="look"), 3, "failed (exit 3): users: odd -- next: look"),
        (KeyboardInterrupt(), 1, "failed (exit 1): interrupted; nothing more is published -- next: run the same command"
         " again"),
    ],
    ids=["may pass", "data", "interrupted"],
)  # fmt: skip
def test_a_failed_run_says_how_it_ended(error: Exception, code: int, line: str) -> None:
    ended, [*_, record] = ran(fails(error))
    assert (ended, record.exit_code, record.last_line) == (code, code, line)
    assert record.state(datetime.now(UTC)) == "failed"


def test_the_words_of_other_programs_are_neither_in_the_log_nor_in_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, [*_, record] = ran(fails(ValueError(f"cannot hold {CANARY}")))
    said = capsys.readouterr().out
    assert code == 1 and "unexpected ValueError" in said and CANARY not in said
    assert CANARY not in record.to_json().decode()
    assert record.last_line and record.last_line.startswith("failed (exit 1): unexpected ValueError -- next: ")


def test_a_run_that_fails_before_it_has_a_record_leaves_none() -> None:
    assert runtime.run(fails(RetryableError("no store"))) == 1
    run_record.note_table_day(USERS)
    _, [at_start, _] = ran(lambda: None)
    assert at_start.table_days == (), "and what it would have noted is nobody else's"


def refused(_: RunRecord) -> None:
    raise RetryableError("object store: AccessDenied")


def test_a_run_does_its_work_where_its_record_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert runtime.run(lambda: run_record.begin("gold", [DAY], "0", [refused])) == 0
    said = [line.split(" ", 1)[1] for line in capsys.readouterr().out.splitlines()]
    assert said == ["WARNING the record of this run is not written: object store: AccessDenied"] * 2


def test_why_a_run_failed_is_its_last_line_also_where_its_record_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def main() -> None:
        run_record.begin("gold", [DAY], "0", [refused])
        raise DataError("users: odd")

    assert runtime.run(main) == 3
    assert " ERROR failed (exit 3): users: odd " in capsys.readouterr().out.splitlines()[-1]


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from daybook.process import runs, runtime
def main():
    runs.begin("gold", [date(2025, 3, 1), date(2025, 3, 2)], runs.beside_warehouse(Path(sys.argv[1])))
    os.kill(os.getpid(), signal.SIGKILL)
runtime.run(main)
"""


def test_a_killed_run_is_running_until_its_time_is_over_and_killed_from_then_on(tmp_path: Path) -> None:
    warehouse = tmp_path / "analytics.duckdb"
    jobs = str(Path(runs.__file__).parents[2])
    killed = subprocess.run([sys.executable, "-c", KILLED, str(warehouse)], env={"PYTHONPATH": jobs}, check=False)
    assert killed.returncode == -signal.SIGKILL
    [record] = runs.since(DAY, MemoryStore(tmp_path), PLACES, warehouse)
    assert (record.first_day, record.last_day) == (DAY, date(2025, 3, 2))
    limit = record.started_at + timedelta(hours=24)
    assert [record.state(limit), record.state(limit + timedelta(seconds=1))] == ["running", "killed"]


def test_records_are_found_by_the_date_of_their_start_wherever_they_lie(tmp_path: Path) -> None:
    store, warehouse = MemoryStore(tmp_path), tmp_path / "analytics.duckdb"
    today = days.begins(today_for(minutes=1))
    wanted = [RunRecord(f"{n}", "gold", DAY, DAY, today + timedelta(seconds=n), "0") for n in range(5)]
    for record, place in zip(wanted, (runs.beside_warehouse(warehouse), *_in_store(store)), strict=False):
        place(record)
    runs.beside_warehouse(warehouse)(wanted[4])
    old = RunRecord("old", "gold", DAY, DAY, today - timedelta(days=40), "0")
    for place in (runs.beside_warehouse(warehouse), *_in_store(store)):
        place(old)
    assert runs.since((today - timedelta(days=30)).date(), store, PLACES, warehouse) == wanted
    assert len(runs.since((today - timedelta(days=40)).date(), store, PLACES, warehouse)) == 9
    # A repeated run is one more record, and a state replaced is none.
    runs.beside_warehouse(warehouse)(RunRecord("again", "gold", DAY, DAY, today, "0", exit_code=0))
    runs.beside_warehouse(warehouse)(RunRecord("again", "gold", DAY, DAY, today, "0", exit_code=1))
    found = [record for record in runs.since(today.date(), store, PLACES, warehouse) if record.id == "again"]
    assert [record.exit_code for record in found] == [1]


@pytest.mark.parametrize(("code", "lines"), [(errno.EROFS, 0), (errno.EACCES, 2)])
def test_a_warehouse_that_is_mounted_to_be_read_keeps_no_record_and_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int, lines: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "refused")

    monkeypatch.setattr(runs, "_replace", refuse)
    assert runtime.run(lambda: runs.begin("verify", [DAY], runs.beside_warehouse(tmp_path / "analytics.duckdb"))) == 0
    assert capsys.readouterr().out.count("WARNING the record of this run is not written") == lines


def _in_store(store: MemoryStore) -> list[run_record.Sink]:
    return [runs.in_store(store, root) for root in (PLACES.bronze, PLACES.silver, PLACES.gold)]


def test_what_is_no_record_is_left_aside_and_what_a_later_daybook_adds_is_not_needed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse = tmp_path / "analytics.duckdb"
    record = RunRecord("x", "silver", DAY, None, datetime.now(UTC), "0", table_days=(USERS,), newest_rate=DAY)
    runs.beside_warehouse(warehouse)(record)
    [file] = (tmp_path / "daybook" / "runs").rglob("*.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "weather": "fine"}))
    (file.parent / "a.json").write_text("[]")
    (file.parent / "b.json").write_text("{half")
    assert runs.since(DAY.replace(year=record.started_at.year), MemoryStore(tmp_path), PLACES, warehouse) == [record]
    assert [line.split("/")[-1] for line in caplog.messages] == [
        "a.json: not the record of a run, left aside",
        "b.json: not the record of a run, left aside",
    ]
