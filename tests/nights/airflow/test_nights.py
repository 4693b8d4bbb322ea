"""Every night by Airflow: the real scheduler runs the days, by night and by backfill."""

import json
import os
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from tests.kit.airflow import Airflow
from tests.kit.harness import Daybook, Driver
from tests.kit.inbox import MailServer
from tests.kit.nights import TASKS, Runs, all_days, backfill, nights, rows_of
from toolchain import python_envs

pytestmark = [pytest.mark.timeout(3600), pytest.mark.always]  # days pass


def test_nights_and_backfill_are_green_each_with_its_day(airflow: Airflow, runs: Runs) -> None:
    assert {day: runs[day]["run_type"] for day in all_days()} == {
        **dict.fromkeys(backfill(), "backfill"),
        **dict.fromkeys(nights(), "scheduled"),
    }
    for day in all_days():
        run = runs[day]["dag_run_id"]
        tries = airflow.tries(run)
        steps = [name for name in TASKS if name not in ("verify", "page")]
        assert {name: tries[name] for name in steps} == dict.fromkeys(steps, ("success", 1))
        # A neighbour that is just being made may make verify wait for the gold that follows.
        assert (tries["verify"][0], tries["page"][0]) == ("success", "success")
        assert argument(airflow, run) == str(day)


def test_a_green_night_has_its_page_and_sends_no_message(
    airflow: Airflow, settings: dict[str, str], mail: MailServer, runs: Runs
) -> None:
    pages = Path(settings["DUCKDB_PATH"]).parent / "daybook" / "days"
    for day in all_days():
        verdict = json.loads((pages / f"{day}.json").read_text())["verdict"]
        # Final where the nights that it waited for were quicker.
        assert verdict["state"] in ("provisional", "final") and verdict["reasons"] == []
        assert "<html" in (pages / f"{day}.html").read_text()
        airflow.logged(runs[day]["dag_run_id"], "page", 1, "the night was good: no message")
        assert mail.about(day) == []


def argument(airflow: Airflow, run: str) -> str:
    """The day that a run submitted silver with."""
    first, last = airflow.tasks(run)["silver"]["rendered_fields"]["days"]
    assert first == last
    return str(first)


def test_a_backfill_beside_the_nights_never_meets_them_at_a_source_or_at_the_file(airflow: Airflow, runs: Runs) -> None:
    by_kind = {kind: [r for r in runs.values() if r["run_type"] == kind] for kind in ("backfill", "scheduled")}
    began, ended = (
        {kind: pick(run[name] for run in found) for kind, found in by_kind.items()}
        for name, pick in (("start_date", min), ("end_date", max))
    )
    assert max(began.values()) < min(ended.values()), "they did run side by side"
    for task in ("extract_postgres", "extract_cassandra", "load_duckdb"):
        spans = sorted(span(airflow.tasks(run["dag_run_id"])[task]) for run in runs.values())
        assert all(before[1] <= after[0] for before, after in pairwise(spans)), task


def span(task: dict[str, Any]) -> tuple[datetime, datetime]:
    """From when to when a task ran."""
    return datetime.fromisoformat(task["start_date"]), datetime.fromisoformat(task["end_date"])


def test_gold_is_the_same_as_by_hand(daybook: Daybook, driver: Driver, settings: dict[str, str], runs: Runs) -> None:
    by_hand = settings | daybook.own_lake("by_hand")
    ended = driver.run("day", "--from", str(nights()[0]), "--to", str(nights()[-1]), **by_hand)
    assert ended.code == 0, ended.output
    for day in nights():
        assert daybook.gold(day, **by_hand) == daybook.gold(day, **settings), day


def test_the_warehouse_holds_every_day_once(settings: dict[str, str], runs: Runs) -> None:
    with duckdb.connect(settings["DUCKDB_PATH"], read_only=True) as warehouse:
        query = "SELECT date, count(*) FROM user_activity_per_day WHERE date >= ? GROUP BY date ORDER BY date"
        found = warehouse.execute(query, [backfill()[0]]).fetchall()
    assert found == [(day, rows_of(day)) for day in all_days()]


def test_green_means_an_asset_event_of_each_gold_table_and_of_the_warehouse_with_its_day_and_rows(
    airflow: Airflow, settings: dict[str, str], runs: Runs
) -> None:
    events = airflow.api("/assets/events?limit=100")["asset_events"]
    day, of_day = nights()[1], [e for e in events if e["source_run_id"] == runs[nights()[1]]["dag_run_id"]]
    users, tables, file = rows_of(day), len(SOURCE_TABLES), Path(settings["DUCKDB_PATH"])
    with duckdb.connect(settings["DUCKDB_PATH"], read_only=True) as warehouse:
        query = "SELECT table_name, rows FROM load_history WHERE is_current AND ds = ?"
        rows = dict(warehouse.execute(query, [day]).fetchall())
    assert rows.keys() == {table.name for table in GOLD_TABLES}
    assert rows.items() >= {
        ("global_user_activity_per_day", users),
        ("global_notif_impact_per_day", users),
        ("source_ledger_per_day", tables),
        ("rejected_rows_per_day", 0),
    }
    gold = {settings["DAYBOOK_GOLD"].replace("s3a", "s3") + f"/{table}": count for table, count in rows.items()}
    told = {"ds": str(day), "rejected": 0}
    assert {e["uri"]: e["extra"] for e in of_day if e["source_task_id"] == "verify"} == {
        **{uri: told | {"rows": count} for uri, count in gold.items()},
        file.as_uri(): told | {"rows": sum(rows.values())},
    }
    assert {e["uri"]: e["extra"] for e in of_day if e["source_task_id"] == "page"} == {
        (file.parent / "daybook" / "index.html").as_uri(): {
            **{"ds": str(day), "verdict": "provisional", "headline": "Usable, provisional."},
        },
    }


@pytest.fixture
def aside(airflow: Airflow, tmp_path: Path) -> dict[str, str]:
    """What gives a command line a metadata database of its own.

    `airflow tasks test` writes a run and deletes it: in the scheduler's database the scheduler would take the run up.
    """
    changes = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path / 'airflow.db'}"}
    airflow.cli("db", "migrate", **changes)
    return changes


def test_the_loader_runs_in_an_environment_built_from_the_lock_where_none_is_there(
    airflow: Airflow, aside: dict[str, str], runs: Runs
) -> None:
    path = f"{os.path.dirname(python_envs.uv())}:{airflow.environment['PATH']}"
    night = datetime.combine(nights()[1] + timedelta(days=1), time(), UTC).isoformat()
    told = airflow.cli(
        *("tasks", "test", "daybook_daily", "load_duckdb", night),
        # The wheels are in the installer's cache since set-up: no index is asked.
        **aside | {"DAYBOOK_DUCKDB_ENV": "", "UV_OFFLINE": "1", "PATH": path},
    )
    assert "uv pip install" in told and "--require-hashes --no-deps" in told
    assert "load_duckdb done: already loaded, nothing in gold has changed" in told
    assert airflow.environment["DAYBOOK_DUCKDB_ENV"] not in told
