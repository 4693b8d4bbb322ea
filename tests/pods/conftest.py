"""Airflow with KubernetesExecutor on a real API server: a night of pods, one of which is deleted in the middle."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
from kubernetes import client

from daybook.contracts import SOURCE_TABLES
from tests.kit.airflow import DAG, running
from tests.kit.harness import SMALL, Daybook, until
from tests.kit.own_sources import good_row, own_sources
from tests.kit.pods.chart import install, make_secret, scheduler_account, scheduler_settings, summary, task
from tests.kit.pods.cluster import NAMESPACE, Cluster, cluster
from tests.kit.pods.kubelet import Kubelet, kubelet
from tests.kit.pods.night import KILLED, USERS, PodsNight, silver, the_day
from toolchain.report import say


@pytest.fixture(scope="package")
def settings(daybook: Daybook) -> Iterator[dict[str, str]]:
    """A day of rows where nothing else is, and what the task pods are told of it."""
    with own_sources(daybook, "kubernetes") as sources:
        noon = datetime.combine(the_day(), time(12), UTC)
        for table in SOURCE_TABLES:
            sources.insert(table, [good_row(table, n, noon) for n in range(1, USERS + 1)])
        loader = daybook.stack.settings("loader")
        told = daybook.stack.settings("etl") | sources.settings | daybook.own_lake("kubernetes") | SMALL
        told |= {f"DAYBOOK_LOADER_{n}": loader[n] for n in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        # The file is where its default is, in a pod; and nobody reads event logs there.
        yield {n: v for n, v in told.items() if n not in ("DUCKDB_PATH", "DAYBOOK_EVENT_LOG")} | {
            "DAYBOOK_SETTLE_MINUTES": "0",
            "DAYBOOK_RETRY_SECONDS": "5",
            "DAYBOOK_SUCCESS_STATES": "TEXT",  # which every row has
        }


@pytest.fixture(scope="package")
def on_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Kubelet]]:
    """A cluster with what the chart makes, and its kubelet."""
    folder = tmp_path_factory.mktemp("kubernetes")
    account = scheduler_account()
    with cluster(folder, {account: account}) as up:
        install(up)
        with kubelet(up.api(), NAMESPACE, folder) as node:
            yield up, node


@pytest.fixture(scope="package")
def night(daybook: Daybook, settings: dict[str, str], on_cluster: tuple[Cluster, Kubelet]) -> Iterator[PodsNight]:
    """The DAG, unpaused, runs yesterday; once silver has published a table its pod is deleted by somebody."""
    up, node = on_cluster
    told = scheduler_settings(up, node) | {"DAYBOOK_FIRST_DAY": str(the_day()), "DAYBOOK_RETRY_SECONDS": "5"}
    with running(daybook, **told) as airflow:
        url = "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"
        make_secret(up, settings | {url: airflow.environment[url]})
        until(lambda: airflow.api("/dags")["total_entries"], "the DAG is known")
        airflow.api(DAG, {"is_paused": False}, "PATCH")
        until(lambda: silver(daybook, settings), "a table of silver is published")
        (first,) = [pod for pod in node.pods.values() if task(pod) == KILLED]
        administrator = client.CoreV1Api(up.api())
        administrator.delete_namespaced_pod(first.name, NAMESPACE)
        until(lambda: first.removed, "the pod is gone")
        left, published = first.container.processes() if first.container else [], silver(daybook, settings)
        (run,) = airflow.api(f"{DAG}/dagRuns")["dag_runs"]
        run = airflow.ended(run["dag_run_id"])
        until(lambda: not administrator.list_namespaced_pod(NAMESPACE).items, "the executor clears its pods away")
        for pod in node.pods.values():
            say(summary(pod))
        yield PodsNight(airflow, run, {task(pod): pod for pod in node.pods.values()}, left, published)
