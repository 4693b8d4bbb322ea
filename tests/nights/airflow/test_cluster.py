"""Another engine by its connection only: a day of the same DAG on a standalone cluster."""

import json
from collections.abc import Iterator

import pytest

from benchmarks import event_log
from local import state
from local.servers.ports import HOST
from tests.kit.airflow import Airflow
from tests.kit.harness import SMALL, SPARK_JOBS, Daybook, Driver
from tests.kit.nights import CLUSTER_DAY, Runs, unlike_by_hand
from tests.kit.processes import CommandLines
from tests.kit.spark_cluster import Cluster, of_workers, standalone

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def cluster(daybook: Daybook) -> Iterator[Cluster]:
    """Its workers, and so the executors, hold the keys of the object store in their environment, and nothing else."""
    with standalone(daybook.stack.home / "cluster", of_workers(daybook.stack.settings("etl"))) as up:
        yield up


@pytest.fixture(scope="module")
def day_on_the_cluster(daybook: Daybook, airflow: Airflow, cluster: Cluster, runs: Runs) -> str:
    """A run whose connection names the cluster; its id."""
    conf = {
        "spark.driver.host": HOST,
        "spark.executor.extraJavaOptions": f"-Duser.timezone=UTC {SMALL['SPARK_SUBMIT_OPTS']}",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (daybook.stack.home / "cluster").as_uri(),
    }
    connection = {"connection_id": "daybook_spark", "conn_type": "spark", "host": cluster.master}
    before = airflow.api("/connections/daybook_spark")
    airflow.api("/connections/daybook_spark", connection | {"extra": json.dumps({"conf": conf})}, "PATCH")
    run = airflow.trigger(None, ds=str(CLUSTER_DAY))
    airflow.ended(run)
    airflow.api("/connections/daybook_spark", connection | {"host": before["host"], "extra": None}, "PATCH")
    return run


def test_a_day_on_the_cluster_is_green_and_each_job_ran_on_both_workers(
    airflow: Airflow, cluster: Cluster, day_on_the_cluster: str
) -> None:
    assert set(airflow.tries(day_on_the_cluster).values()) == {("success", 1)}
    told = cluster.state()
    assert [worker["state"] for worker in told["workers"]] == ["ALIVE", "ALIVE"]
    ended = {app["name"]: (app["state"], app["cores"]) for app in told["completedapps"]}
    assert ended == {f"daybook {job} {CLUSTER_DAY}": ("FINISHED", 2) for job in SPARK_JOBS}


def test_its_gold_is_the_same_as_by_hand(
    daybook: Daybook, driver: Driver, settings: dict[str, str], day_on_the_cluster: str
) -> None:
    assert unlike_by_hand(daybook, driver, settings, CLUSTER_DAY) == []


def test_executors_need_no_python(command_lines: CommandLines, day_on_the_cluster: str) -> None:
    executors = [line for line in command_lines.seen if "CoarseGrainedExecutorBackend" in line]
    assert executors, "executors were seen"
    assert [line for line in command_lines.seen if "pyspark.daemon" in line or "pyspark/daemon" in line] == []


def test_no_secret_is_in_an_event_log_of_the_cluster(daybook: Daybook, day_on_the_cluster: str) -> None:
    logs = list((daybook.stack.home / "cluster").glob("app-*.zstd"))
    assert len(logs) == 4
    secrets = state.load(daybook.stack.home).secrets
    for log in logs:
        written = "\n".join(event_log.lines(log))
        assert [name for name, value in secrets.items() if value in written] == []
