"""Another engine by its master only: the range that all share, in one application on a standalone cluster."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import event_log
from local import state
from local.demo.proof import Proof
from tests.kit.harness import FIRST, LAST, RANGE, Daybook, Ended
from tests.kit.processes import CommandLines
from tests.kit.spark_cluster import of_workers, standalone


@dataclass(frozen=True)
class OnCluster:
    """The range run on a cluster: how it ended, in which lake, and what was seen of it."""

    ended: Ended
    lake: dict[str, str]
    told: dict[str, Any]
    command_lines: set[str]
    folder: Path


@pytest.fixture(scope="module")
def on_cluster(daybook: Daybook) -> Iterator[OnCluster]:
    """Its workers, and so the executors, hold the keys of the object store in their environment, and nothing else."""
    folder, lake = daybook.stack.home / "cluster", daybook.own_lake("cluster")
    with standalone(folder, of_workers(daybook.stack.settings("etl"))) as cluster, CommandLines().watched() as lines:
        ended = replace(daybook, options=cluster.options).submit("day", *RANGE, **lake, DAYBOOK_EVENT_LOG=str(folder))
        yield OnCluster(ended, lake, cluster.state(), lines.seen, folder)


def test_a_range_on_a_cluster_is_one_application_on_both_workers(on_cluster: OnCluster) -> None:
    assert on_cluster.ended.code == 0, on_cluster.ended.output
    assert [worker["state"] for worker in on_cluster.told["workers"]] == ["ALIVE", "ALIVE"]
    ended = [(app["name"], app["state"], app["cores"]) for app in on_cluster.told["completedapps"]]
    assert ended == [(f"daybook day {FIRST} to {LAST}", "FINISHED", 2)]


@pytest.mark.always
def test_its_gold_is_the_same_as_on_one_machine(daybook: Daybook, proof: Proof, on_cluster: OnCluster) -> None:
    for day in proof.days:
        assert daybook.gold(day, **on_cluster.lake) == daybook.gold(day), day


def test_executors_need_no_python(on_cluster: OnCluster) -> None:
    seen = on_cluster.command_lines
    assert [line for line in seen if "CoarseGrainedExecutorBackend" in line], "executors were seen"
    assert [line for line in seen if "pyspark.daemon" in line or "pyspark/daemon" in line] == []


def test_no_secret_is_in_an_event_log_of_the_cluster(daybook: Daybook, on_cluster: OnCluster) -> None:
    [log] = on_cluster.folder.glob("app-*.zstd")
    written = "\n".join(event_log.lines(log))
    secrets = state.load(daybook.stack.home).secrets
    assert [name for name, value in secrets.items() if value in written] == []
