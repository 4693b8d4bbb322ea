"""Spark made to compute stages again: what they had computed is taken away while it is read."""

import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.servers.ports import HOST, choose
from tests.kit.harness import PATIENCE_SECONDS, Driver, Ended
from tests.kit.processes import running

_EVERY_SECONDS = 0.02
_TRIES = 5


@dataclass(frozen=True)
class Interface:
    """What Spark's UI tells, as JSON, of the application that runs now."""

    port: int

    @classmethod
    def chosen(cls) -> "Interface":
        """One on a port that is free."""
        return cls(choose(["ui"], {})["ui"])

    @property
    def conf(self) -> tuple[str, ...]:
        """Options of spark-submit that put it there, and cut each shuffle into so many tasks that it takes a while.

        Each of these reads from every executor: what one of them had written is missed by all that come after its end.
        """
        settings = {
            "spark.ui.port": self.port,
            "spark.ui.liveUpdate.period": "0",
            "spark.sql.shuffle.partitions": "32",
            "spark.sql.adaptive.coalescePartitions.enabled": "false",
            "spark.sql.adaptive.localShuffleReader.enabled": "false",
            "spark.shuffle.io.retryWait": "1s",
        }
        return tuple(word for name, value in settings.items() for word in ("--conf", f"{name}={value}"))

    def ask(self, what: str) -> list[dict[str, Any]]:
        """The answer; nothing while there is no application."""
        with suppress(OSError, json.JSONDecodeError):
            [application] = self._get("")
            return list(self._get(f"/{application['id']}/{what}"))
        return []

    def kill_executor(self) -> None:
        """Kill an executor that has written shuffle files: they go with it."""
        ids = [one["id"] for one in self.ask("executors") if one["isActive"] and one["totalShuffleWrite"]]
        [application] = self._get("")
        [process] = running(
            " org.apache.spark.executor.CoarseGrainedExecutorBackend ",
            f"--executor-id {ids[0]} ",
            f"--app-id {application['id']} ",
        )
        process.kill()

    def _get(self, what: str) -> Any:
        with urllib.request.urlopen(f"http://{HOST}:{self.port}/api/v1/applications{what}", timeout=10) as reply:
            return json.load(reply)


def run_with_losses(spark: Interface, driver: Driver, begin: Callable[[], None], lose: Callable[[], object]) -> Ended:
    """Let a job that `begin` begins end, and `lose` once in each of its stages that has read a part of a shuffle.

    A stage that failed for that was tried again, and so was what it reads. A loss may come when the last task has read
    all it needs: then the job is begun again.
    """
    for _ in range(_TRIES):
        begin()
        struck, failed = _lost_in(spark, driver, lose)
        ended = driver.end()
        if struck & failed or ended.code:
            return ended
    raise AssertionError(f"stages struck {struck}, failed and tried again {failed}: {ended.output}")


def _lost_in(spark: Interface, driver: Driver, lose: Callable[[], object]) -> tuple[set[int], set[int]]:
    """The stages of the job under way in which something was lost, and those that failed, once it has ended."""
    struck: set[int] = set()
    failed: set[int] = set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not driver.line.poll():
        assert time.monotonic() < deadline, "the job does not end"
        for stage in spark.ask("stages"):
            number, begun = stage["stageId"], stage["numCompleteTasks"] + stage["numActiveTasks"]
            if stage["status"] == "FAILED":
                failed.add(number)
            elif (
                stage["status"] == "ACTIVE"
                and stage["shuffleReadBytes"]
                and begun < stage["numTasks"] - 1
                and number not in struck
            ):
                struck.add(number)
                lose()
        time.sleep(_EVERY_SECONDS)
    return struck, failed


def delete_shuffles(folder: Path) -> None:
    """Delete the index of every shuffle file below the folder: what it leads to cannot be read any more."""
    for file in folder.rglob("shuffle_*.index"):
        file.unlink(missing_ok=True)
