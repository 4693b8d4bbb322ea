"""What goes wrong at night: what is gone turns the day red, what is killed leaves nothing."""

import json
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.lake import manifest
from daybook.lake.paths import batch_of
from local import airflow as local_airflow
from local.servers.airflow import processes
from tests.kit.airflow import DAG, Airflow
from tests.kit.harness import SPARK_JOBS, Daybook, layer_of, until
from tests.kit.inbox import MailServer
from tests.kit.nights import Runs, nights
from tests.kit.processes import running

pytestmark = pytest.mark.timeout(3600)
DISTURBED = "2025-03-02"
SILVER = f"jobs/silver.py --ds {DISTURBED}"


def test_a_manifest_that_vanished_turns_the_day_red_and_is_named_and_nobody_is_told_of_what_a_retry_heals(
    daybook: Daybook, airflow: Airflow, settings: dict[str, str], mail: MailServer, runs: Runs
) -> None:
    day = nights()[1]
    run = runs[day]["dag_run_id"]
    name = f"{settings['DAYBOOK_SILVER']}/user_purchases/{day}/_MANIFEST.json"
    stored = daybook.store.get(name)
    assert stored
    daybook.store.delete([name])
    assert airflow.clear(run, "verify", downstream=False, really=False) == {"verify"}, "alone it makes no new page"
    assert airflow.clear(run, "verify") == {"verify", "page"}
    airflow.task_when(run, "verify", lambda task: task["state"] in ("up_for_retry", "failed"), "fails")
    told = airflow.log(run, "verify", 2)
    assert f"silver user_purchases {day}: there is no {name} -- next: spark-submit jobs/silver.py --ds" in told
    daybook.store.put_if_unchanged(name, stored.body, None)
    airflow.ended(run)
    airflow.logged(run, "page", 2, "the night was good: no message")
    assert mail.about(day) == []


@pytest.mark.always
def test_what_no_retry_can_help_is_not_tried_again_and_told_of_once(
    airflow: Airflow, mail: MailServer, runs: Runs
) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    run = airflow.trigger(None, ds=str(tomorrow))
    airflow.ended(run, "failed")
    tries = airflow.tries(run)
    assert {name: tries[name] for name in SPARK_JOBS[:2]} == dict.fromkeys(SPARK_JOBS[:2], ("failed", 1))
    assert f"{tomorrow} has not ended yet (UTC)" in airflow.log(run, "extract_postgres", 1)
    until(lambda: mail.about(tomorrow), "the night is told of")
    (told,) = mail.about(tomorrow)
    assert told.subject.endswith("Failed: extract_postgres, extract_cassandra")


def manifests(daybook: Daybook, *roots: str) -> set[str]:
    """The manifests of the disturbed day below some roots."""
    names = {name for root in roots for name in daybook.stored(root)}
    return {name for name in names if name.endswith(f"/{DISTURBED}/_MANIFEST.json")}


def in_the_middle_of_silver(daybook: Daybook, silver: str) -> None:
    """Wait until this attempt, too, has published a table; it has others to come."""
    before = len(manifests(daybook, silver))
    until(lambda: len(manifests(daybook, silver)) > before, f"a table of silver {DISTURBED} is there")
    assert running(SILVER)


def nothing_is_left_and_nothing_comes_late(daybook: Daybook, silver: str) -> None:
    """No process of silver's attempt is alive after ten seconds, and what it had published is all there will be."""
    began = datetime.now(UTC)
    until(lambda: not running(SILVER), "silver's processes are gone")
    assert datetime.now(UTC) - began < timedelta(seconds=10)
    assert len(manifests(daybook, silver)) < len(SOURCE_TABLES), "it was in the middle"


def a_red_page_and_one_message(airflow: Airflow, settings: dict[str, str], mail: MailServer, run: str) -> Path:
    """The page of the disturbed day, which says what is missing, as does the message that was sent."""
    assert airflow.tries(run)["page"] == ("success", 1)
    page = Path(settings["DUCKDB_PATH"]).parent / "daybook" / "days" / f"{DISTURBED}.json"
    verdict = json.loads(page.read_text())["verdict"]
    assert verdict["state"] == "red"
    until(lambda: mail.about(DISTURBED), "the night is told of")
    (told,) = mail.about(DISTURBED)
    assert told.subject == f"Daybook {DISTURBED}: {verdict['headline']} Failed: silver"
    assert f"next: {verdict['next']}\npage: {page.with_suffix('.html')}" in told.text
    return page


def test_silver_marked_failed_then_timed_out_then_without_its_scheduler_leaves_no_process_and_ends_green_and_once(
    daybook: Daybook, airflow: Airflow, settings: dict[str, str], mail: MailServer, runs: Runs
) -> None:
    silver = settings["DAYBOOK_SILVER"]
    run = airflow.trigger(None, ds=DISTURBED)
    in_the_middle_of_silver(daybook, silver)
    airflow.api(f"{DAG}/dagRuns/{run}/taskInstances/silver", {"new_state": "failed"}, "PATCH")
    nothing_is_left_and_nothing_comes_late(daybook, silver)
    airflow.ended(run, "failed")
    page = a_red_page_and_one_message(airflow, settings, mail, run)

    assert airflow.clear(run, "silver") == {"silver", "gold", "load_duckdb", "verify", "page"}
    in_the_middle_of_silver(daybook, silver)
    # What the timer of `execution_timeout` does in the task's process when the three hours are over.
    os.kill(airflow.tasks(run)["silver"]["pid"], signal.SIGALRM)
    nothing_is_left_and_nothing_comes_late(daybook, silver)

    in_the_middle_of_silver(daybook, silver)  # of its retry
    scheduler = next(p for p in processes(daybook.stack.home) if p.name == "airflow-scheduler").pid()
    assert scheduler
    os.kill(scheduler, signal.SIGKILL)
    local_airflow.up(daybook.stack, **airflow.environment)
    airflow.task_when(run, "silver", lambda task: task["state"] != "running", "goes on without its scheduler")
    # Its children live on, idle, and keep its connection, perhaps in the middle of a transaction that locks the run.
    os.killpg(scheduler, signal.SIGKILL)
    airflow.ended(run)
    assert json.loads(page.read_text())["verdict"]["state"] != "red"
    airflow.logged(run, "page", 2, "the night was good: no message")
    assert len(mail.about(DISTURBED)) == 1, "what healed is not told of"
    assert "AirflowTaskTimeout" in airflow.log(run, "silver", 2)
    roots = [settings[f"DAYBOOK_{layer}"] for layer in ("BRONZE", "SILVER", "GOLD")]
    versions = {
        name: live.manifest.version
        for name in manifests(daybook, *roots)
        if (live := manifest.read(daybook.store, batch_of(layer_of(name), name)))
    }
    bronze = {table.batch for table in SOURCE_TABLES}
    assert len(versions) == len(bronze) + len(SOURCE_TABLES) + len(GOLD_TABLES)
    assert set(versions.values()) == {1}, "nothing was made twice"
    assert {name for name in daybook.unnamed(*roots) if "/_attempts/" not in name} == set()
