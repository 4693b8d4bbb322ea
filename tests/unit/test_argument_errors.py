"""Every job refuses a malformed command line with exit code 2 and one line, before anything starts."""

import runpy
import sys
from datetime import date
from pathlib import Path

import pytest

from daybook.contracts import CASSANDRA_TABLES, GOLD_TABLES, SOURCE_TABLES

JOBS = Path(__file__).parents[2] / "jobs"
AGAIN = "--table reads a table of published days again: it goes with --refresh"
SOURCES, CASSANDRA, GOLD = (
    ", ".join(t.name for t in tables) for tables in (SOURCE_TABLES, CASSANDRA_TABLES, GOLD_TABLES)
)

# job, arguments, what is said between the job's name and "(see --help)"
REFUSED = [
    ("extract_postgres", "", "which day? --ds YYYY-MM-DD, or --from A --to B"),
    ("extract_postgres", "2025-03-01", "unrecognized arguments: 2025-03-01"),
    ("extract_postgres", "--ds", "argument --ds: expected one argument"),
    ("extract_postgres", "--ds=", "argument --ds: '' is not a day of the form YYYY-MM-DD"),
    ("extract_postgres", "--ds 2025-02-30", "argument --ds: '2025-02-30' is not a day of the form YYYY-MM-DD"),
    ("extract_postgres", "--ds 1999-12-31", "argument --ds: '1999-12-31' lies outside the years 2000 to 9998"),
    ("extract_postgres", "--ds 2025-03-01 --ds 2025-03-02", "argument --ds: given more than once"),
    ("extract_postgres", "--ds 2025-03-01 --table users", AGAIN),
    ("extract_postgres", "--ds 2025-03-01 --force", "unrecognized arguments: --force"),
    ("extract_postgres", "--ds 2025-03-01 --rebuild", "unrecognized arguments: --rebuild"),
    ("extract_cassandra", "--ds 2025-3-1", "argument --ds: '2025-3-1' is not a day of the form YYYY-MM-DD"),
    ("extract_cassandra", "--from 2025-03-01", "--from and --to go together"),
    ("extract_cassandra", "--to 2025-03-01", "--from and --to go together"),
    ("extract_cassandra", "--ds 2025-03-01 --table users", f"argument --table: 'users' is none of {CASSANDRA}"),
    ("extract_cassandra", "--ds 2025-03-01 --table", "argument --table: expected one argument"),
    ("extract_cassandra", "--ds 2025-03-01 --refresh=yes", "argument --refresh: ignored explicit argument 'yes'"),
    ("extract_cassandra", "--ds 2025-03-01 --REFRESH", "unrecognized arguments: --REFRESH"),
    ("day", "", "which day? --ds YYYY-MM-DD, or --from A --to B"),
    ("day", "--ds 2025-03-01 --table users", "unrecognized arguments: --table users"),
    ("day", "--ds 2025-03-01 --rebuild", "unrecognized arguments: --rebuild"),
    ("silver", "--ds 20250301", "argument --ds: '20250301' is not a day of the form YYYY-MM-DD"),
    ("silver", "--ds 2025-03-01 --to 2025-03-02", "--ds and --from/--to exclude each other"),
    ("silver", "--from 2025-03-02 --to 2025-03-01", "--from 2025-03-02 is after --to 2025-03-01"),
    ("silver", "--from 2025-03-01 --from 2025-03-01 --to 2025-03-02", "argument --from: given more than once"),
    ("silver", "--ds 2025-03-01 --table user", f"argument --table: 'user' is none of {SOURCES}"),
    ("silver", "--ds 2025-03-01 --refresh", "unrecognized arguments: --refresh"),
    ("silver", "--ds 2025-03-04", "2025-03-04 has not ended yet (UTC); --allow-incomplete takes it as it is"),
    ("gold", "--ds 2999-01-01", "2999-01-01 has not ended yet (UTC); --allow-incomplete takes it as it is"),
    ("gold", "--ds ٢٠٢٥-٠٣-٠١", "argument --ds: '٢٠٢٥-٠٣-٠١' is not a day of the form YYYY-MM-DD"),
    ("gold", "--d 2025-03-01", "unrecognized arguments: --d 2025-03-01"),
    ("gold", "--ds 2025-03-01 --table users", f"argument --table: 'users' is none of {GOLD}"),
    ("gold", "--from yesterday --to 2025-03-01", "argument --from: 'yesterday' is not a day of the form YYYY-MM-DD"),
    ("gold", "--ds 2025-03-01T00:00", "argument --ds: '2025-03-01T00:00' is not a day of the form YYYY-MM-DD"),
    ("load_duckdb", "", "which day? --ds YYYY-MM-DD, or --from A --to B"),
    ("load_duckdb", "--rebuild --ds 2025-03-01", "--rebuild takes all of gold: no --ds, --from or --to with it"),
    ("load_duckdb", "--rebuild --to 2025-03-01", "--rebuild takes all of gold: no --ds, --from or --to with it"),
    ("load_duckdb", "--ds 2025-03-01 --force", "unrecognized arguments: --force"),
    ("load_duckdb", "--from 2025-03-01 --to 2025-13-01",
     "argument --to: '2025-13-01' is not a day of the form YYYY-MM-DD"),
    ("sweep", "--older-than-hours 23", "argument --older-than-hours: '23' is not a whole number of hours from 24 on"),
    ("sweep", "--ds 2025-03-01", "unrecognized arguments: --ds 2025-03-01"),
    ("rejected", "--ds 2025-03-01", "the following arguments are required: --table"),
    ("rejected", "--table users", "the following arguments are required: --ds"),
    ("rejected", "--ds 2025-03-01 --table users --table users", "argument --table: given more than once"),
    ("rejected", "--ds 2025-03-01 --table user", f"argument --table: 'user' is none of {SOURCES}"),
    ("rejected", "--ds 2025-03-01 --table groups --reason email:malformed", "--reason 'email:malformed' is none of "
     "id:missing, updated_at:missing, id:type, created_at:type, updated_at:type, created_at:date_order, "
     "updated_at:date_order, created_at:in_future, created_at:too_old, updated_at:in_future, updated_at:too_old, "
     "updated_before_created"),
]  # fmt: skip


@pytest.mark.parametrize(("job", "arguments", "message"), REFUSED, ids=[f"{j} {a}" for j, a, _ in REFUSED])
def test_a_malformed_command_line_is_refused_in_one_line_with_exit_2(
    job: str, arguments: str, message: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [f"{job}.py", *arguments.split()])
    monkeypatch.setattr("daybook.arguments.today", lambda: date(2025, 3, 4))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(JOBS / f"{job}.py"), run_name="__main__")
    assert ended.value.code == 2
    assert capfd.readouterr() == ("", f"{job}.py: {message} (see --help)\n")


def test_a_command_line_that_is_in_order_goes_on_to_the_settings(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAYBOOK_SILVER", "silver")
    monkeypatch.setattr(sys, "argv", ["silver.py", "--ds", "2025-03-01", "--table", "users", "--table", "groups"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(JOBS / "silver.py"), run_name="__main__")
    assert ended.value.code == 2
    assert "setting DAYBOOK_SILVER='silver' is not s3a://bucket" in capfd.readouterr().out
