"""Every night by Airflow: the real scheduler runs the days and tells a good day from a bad one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from airflow_kit import DAG, Airflow, running
from harness import Daybook, Driver, until
from own_sources import good_row, own_sources

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from local import state

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]  # days pass
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
DAYS = [YESTERDAY - timedelta(days=back) for back in (2, 1, 0)]
TASKS = ["extract_cassandra", "extract_postgres", "gold", "load_duckdb", "silver", "verify"]
RED_DAY = DAYS[1]


@pytest.fixture(scope="module")
def settings(daybook: Daybook) -> Iterator[dict[str, str]]:
    """Three days of rows that end yesterday, where nothing else is, and a lake for them."""
    with own_sources(daybook, "airflow") as sources:
        for number, day in enumerate(DAYS, start=1):
            noon = datetime.combine(day, time(12), UTC)
            for table in SOURCE_TABLES:
                sources.insert(table, [good_row(table, number * 100 + n, noon) for n in range(number)])
        yield sources.settings | daybook.own_lake("airflow")


@pytest.fixture(scope="module")
def airflow(daybook: Daybook, settings: dict[str, str]) -> Iterator[Airflow]:
    """Airflow, told that the data begins with the first of the three days."""
    with running(daybook, DAYBOOK_FIRST_DAY=str(DAYS[0]), DAYBOOK_SETTLE_MINUTES="0", **settings) as up:
        until(lambda: up.api("/dags")["total_entries"], "the DAG is known")
        yield up


@pytest.fixture(scope="module")
def nights(airflow: Airflow) -> dict[date, dict[str, Any]]:
    """The DAG, unpaused, catches up: its runs, ended, by the day of their data."""
    airflow.api(DAG, {"is_paused": False}, "PATCH")

    def ended() -> list[dict[str, Any]]:
        runs = airflow.api(f"{DAG}/dagRuns?limit=100")["dag_runs"]
        return runs if len(runs) >= len(DAYS) and all(run["end_date"] for run in runs) else []

    runs = until(ended, "three nights are caught up")
    return {datetime.fromisoformat(run["data_interval_start"]).date(): run for run in runs}


def test_the_nights_since_the_first_day_are_caught_up_and_green(
    airflow: Airflow, nights: dict[date, dict[str, Any]]
) -> None:
    assert set(DAYS) <= set(nights)
    for day in DAYS:
        assert nights[day]["state"] == "success"
        tasks = airflow.tasks(nights[day]["dag_run_id"])
        assert {name: (task["state"], task["try_number"]) for name, task in tasks.items()} == {
            name: ("success", 1) for name in TASKS
        }
        assert tasks["silver"]["rendered_fields"]["application_args"] == ["--ds", str(day)]


def test_gold_is_the_same_as_by_hand(
    daybook: Daybook, driver: Driver, settings: dict[str, str], nights: dict[date, dict[str, Any]]
) -> None:
    by_hand = settings | daybook.own_lake("by_hand")
    for job in ("extract_postgres", "extract_cassandra", "silver", "gold"):
        ended = driver.run(job, "--from", str(DAYS[0]), "--to", str(DAYS[-1]), **by_hand)
        assert ended.code == 0, ended.output
    for table in GOLD_TABLES:
        for day in DAYS:
            found = [daybook.contents("gold", own["DAYBOOK_GOLD"], table.name, day) for own in (settings, by_hand)]
            assert found[0] == found[1], (table.name, day)
    with duckdb.connect(settings["DUCKDB_PATH"], read_only=True) as warehouse:
        query = "SELECT date, count(*) FROM user_activity_per_day GROUP BY date ORDER BY date"
        assert warehouse.execute(query).fetchall() == [(day, n) for n, day in enumerate(DAYS, start=1)]


def test_green_means_an_asset_event_of_each_gold_table_and_of_the_warehouse(
    airflow: Airflow, nights: dict[date, dict[str, Any]]
) -> None:
    events = airflow.api("/assets/events?limit=100")["asset_events"]
    of_day = [e["name"] for e in events if e["source_run_id"] == nights[RED_DAY]["dag_run_id"]]
    assert sorted(of_day) == ["daybook_warehouse", *sorted(table.name for table in GOLD_TABLES)]
    assert {e["source_task_id"] for e in events} == {"verify"}


def test_a_manifest_that_vanished_turns_the_day_red_and_is_named(
    daybook: Daybook, airflow: Airflow, settings: dict[str, str], nights: dict[date, dict[str, Any]]
) -> None:
    run = nights[RED_DAY]["dag_run_id"]
    name = f"{settings['DAYBOOK_SILVER']}/user_purchases/{RED_DAY}/_MANIFEST.json"
    stored = daybook.store.get(name)
    assert stored
    daybook.store.delete([name])
    airflow.clear(run, "verify")
    airflow.task_when(run, "verify", lambda task: task["state"] in ("up_for_retry", "failed"), "fails")
    told = airflow.log(run, "verify", 2)
    assert f"silver user_purchases {RED_DAY}: there is no {name} -- next: spark-submit jobs/silver.py --ds" in told
    daybook.store.put_if_unchanged(name, stored.body, None)
    airflow.clear(run, "verify")
    assert airflow.ended(run)["state"] == "success"


def test_a_run_by_hand_processes_the_day_before_or_the_one_it_is_given(
    airflow: Airflow, nights: dict[date, dict[str, Any]]
) -> None:
    at_ten = datetime.combine(DAYS[2], time(10), UTC).isoformat()
    for run, day in ((airflow.trigger(at_ten), DAYS[1]), (airflow.trigger(None, ds=str(DAYS[0])), DAYS[0])):
        airflow.ended(run)
        assert airflow.tasks(run)["silver"]["rendered_fields"]["application_args"] == ["--ds", str(day)]
        assert "0 tables published" in airflow.log(run, "gold", 1), "what is unchanged is left alone"
        assert f"verified {day}" in airflow.log(run, "verify", 1)


def test_what_no_retry_can_help_is_not_tried_again(airflow: Airflow, nights: dict[date, dict[str, Any]]) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    run = airflow.trigger(None, ds=str(tomorrow))
    airflow.ended(run, "failed")
    tasks = airflow.tasks(run)
    assert {name: (tasks[name]["state"], tasks[name]["try_number"]) for name in TASKS[:2]} == {
        name: ("failed", 1) for name in TASKS[:2]
    }
    assert f"{tomorrow} has not ended yet (UTC)" in airflow.log(run, "extract_postgres", 1)


def test_a_task_marked_failed_leaves_no_process_and_its_clearing_ends_well(
    daybook: Daybook, airflow: Airflow, settings: dict[str, str], nights: dict[date, dict[str, Any]]
) -> None:
    run = airflow.trigger(None, ds="2025-03-02")
    until(lambda: processes("jobs/silver.py --ds 2025-03-02"), "silver runs")
    until(
        lambda: f"{settings['DAYBOOK_SILVER']}/users/2025-03-02/_MANIFEST.json" in silver(daybook, settings),
        "a table is done",
    )
    airflow.api(f"{DAG}/dagRuns/{run}/taskInstances/silver", {"new_state": "failed"}, "PATCH")
    began = datetime.now(UTC)
    until(lambda: not processes("jobs/silver.py --ds 2025-03-02"), "silver's processes are gone")
    # A heartbeat to hear of it, and the grace before SIGKILL: five seconds each, and what a busy machine adds.
    assert datetime.now(UTC) - began < timedelta(seconds=20)
    published = silver(daybook, settings)
    airflow.ended(run, "failed")
    assert silver(daybook, settings) == published, "nothing is published late"
    airflow.clear(run, "silver", "gold", "load_duckdb", "verify")
    airflow.ended(run)


def silver(daybook: Daybook, settings: dict[str, str]) -> set[str]:
    """The manifests of silver."""
    return {name for name in daybook.store.sizes(settings["DAYBOOK_SILVER"]) if name.endswith("_MANIFEST.json")}


def processes(words: str) -> list[int]:
    """Processes whose command line has these words."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if words in command.read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                found.append(int(command.parent.name))
        except OSError:
            continue  # it has just ended
    return found


def test_no_secret_is_in_a_log_or_in_what_airflow_remembers(
    daybook: Daybook, airflow: Airflow, nights: dict[date, dict[str, Any]]
) -> None:
    home = daybook.stack.home
    secrets = state.load(home).secrets
    logs = list((home / "airflow" / "logs").rglob("*.log"))
    assert len(logs) >= len(DAYS) * len(TASKS)
    written = {str(path): path.read_text() for path in [*logs, *(home / "logs").glob("airflow-*.log")]}
    with daybook.postgres("admin") as server:
        dump = metadata(server.get_dsn_parameters(), secrets["postgres_admin"])
    assert "rendered_task_instance_fields" in dump
    written["the metadata"] = dump
    assert [(place, name) for place, text in written.items() for name, value in secrets.items() if value in text] == []


def metadata(server: dict[str, str], password: str) -> str:
    """All rows of Airflow's database, as text."""
    import psycopg2

    texts = []
    with psycopg2.connect(host=server["host"], port=server["port"], user=server["user"], password=password,
                          dbname="airflow") as airflow, airflow.cursor() as run:  # fmt: skip
        run.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in run.fetchall():
            run.execute(f'SELECT t::text FROM "{table}" AS t')
            texts.append("\n".join([table, *(row for (row,) in run.fetchall())]))
    return "\n".join(texts)
