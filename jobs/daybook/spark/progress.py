"""The Spark that a job runs in: its JVM, its versions, how far it is."""

import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.sql import SparkSession

from daybook.log import log

_PATIENCE_SECONDS = 5.0
_LAST_TASKS_SECONDS = 30.0


def versions(spark: SparkSession) -> dict[str, str]:
    """Versions of what computes, for the manifest."""
    found = {"spark": spark.version, "hadoop": java(spark).org.apache.hadoop.util.VersionInfo.getVersion()}
    try:
        connector = java(spark).java.lang.Class.forName("com.datastax.spark.connector.cql.CassandraConnector")
    except Py4JJavaError:
        return found  # silver and gold need none
    jar = connector.getProtectionDomain().getCodeSource().getLocation().getPath()
    return found | {"cassandra_connector": Path(jar).stem.rpartition("-")[2]}


def java(spark: SparkSession) -> Any:  # noqa: ANN401 -- py4j has no types
    """The driver's JVM, for what pyspark has no function for."""
    return spark.sparkContext._jvm


@contextmanager
def ended_whole(spark: SparkSession) -> Iterator[None]:
    """Where the block fails, let its last tasks end, too, so that nothing is written after it.

    Spark calls a job failed, or cancelled, while others of its tasks still run: they learn of it at their next row.
    """
    try:
        yield
    except Exception:
        with suppress(Py4JError):  # a JVM that is gone runs nothing
            deadline = time.monotonic() + _LAST_TASKS_SECONDS
            while _a_task_runs(spark):
                if time.monotonic() > deadline:
                    log.warning("tasks still run after a write that failed: files of its attempt may stay behind")
                    break
                time.sleep(0.05)  # py4j cannot wait for a task
        raise


def _a_task_runs(spark: SparkSession) -> bool:
    """Whether a task runs: the scheduler itself knows; the status tracker, like the UI, hears of a start late."""
    scheduler = spark.sparkContext._jsc.sc().taskScheduler()
    counts = scheduler.runningTasksByExecutors().valuesIterator()
    while counts.hasNext():
        if counts.next():
            return True
    return False


@contextmanager
def progress(spark: SparkSession, what: str) -> Iterator[None]:
    """Name the Spark jobs inside `what`, and say how far they are when they take longer than a few seconds."""
    context, group, done = spark.sparkContext, uuid.uuid4().hex, threading.Event()
    context.setJobGroup(group, what)
    watcher = threading.Thread(target=_watch, args=(spark, group, what, done), daemon=True)
    if not sys.stderr.isatty():
        watcher.start()
    try:
        yield
    finally:
        done.set()
        for name in ("spark.jobGroup.id", "spark.job.description"):
            context.setLocalProperty(name, None)  # type: ignore[arg-type]


def _watch(spark: SparkSession, group: str, what: str, done: threading.Event) -> None:
    started, tracker = time.monotonic(), spark.sparkContext.statusTracker()
    while not done.wait(_PATIENCE_SECONDS):
        jobs = filter(None, map(tracker.getJobInfo, tracker.getJobIdsForGroup(group)))
        stages = list(filter(None, (tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds)))
        finished, total = sum(s.numCompletedTasks for s in stages), sum(s.numTasks for s in stages)
        tasks = f"{finished} of {total} tasks" if total else "planning"
        log.info("  … %s: %s, %.0f s", what, tasks, time.monotonic() - started)
