"""The Spark session: what changes results is set here, what changes resources in conf/spark-defaults.conf."""

import os
import pwd
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, current_thread, main_thread
from typing import Any

from pyspark import SparkContext
from pyspark.sql import SparkSession

from daybook import settings
from daybook.errors import UsageError
from daybook.log import log
from daybook.records import run_record
from daybook.spark import redaction, scratch, trust
from daybook.spark.progress import java
from daybook.spark.result_settings import RESULT_SETTINGS
from daybook.spark.scratch import Use

# Of an http:// address S3A would use HTTPS_PROXY, unless it is told that there is no TLS; boto3 uses HTTP_PROXY.
_TLS = "spark.hadoop.fs.s3a.connection.ssl.enabled"
_AGENT = "spark.hadoop.fs.s3a.user.agent.prefix"

# What pyspark asks the JVM for in nearly every call. Unless it is remembered, py4j looks for it through all jars,
# each time: a quarter of what a small table-day takes.
_ASKED_FOR = ("functions", "PythonUtils", "SparkSession", "org", "py4j")


@contextmanager
def session(name: str, agent: str) -> Iterator[Callable[[], SparkSession]]:
    """What gives the session of that name: opened when it is first asked for, stopped at the end.

    `agent` is how its requests to the object store name the run.

    A run that finds nothing to do goes without. What a session needs of the machine is looked at first, all the same.

    Raises:
        UsageError: a folder that it needs cannot be used.
        RetryableError: one has no room.
    """
    SparkContext._ensure_initialized()  # joins the JVM that spark-submit started
    redaction.hush(SparkContext._jvm)
    _name_the_user(SparkContext._jvm)
    scratch.check(SparkContext._jvm)
    trust.share(SparkContext._jvm, settings.ca_bundle())
    config, opening, opened = (
        {**RESULT_SETTINGS, **_event_log(), _AGENT: agent, _TLS: _is_tls()},
        Lock(),
        list[SparkSession](),
    )

    def the_session() -> SparkSession:
        with opening:
            if not opened:
                opened.append(_open(name, config))
        return opened[0]

    failed = True
    try:
        yield the_session
        failed = False
    finally:
        for spark in opened:
            redaction.stop(spark, failed)


def _open(name: str, config: Mapping[str, str]) -> SparkSession:
    """Open the session and say where its UI is."""
    builder = SparkSession.builder.appName(name)
    for key, value in config.items():
        builder = builder.config(key, value)
    builder = builder.config("spark.log.level", "WARN")  # of a customer's defaults DEBUG would change our file
    # Spark's own bar needs a terminal; elsewhere `progress` prints plain lines.
    builder = builder.config("spark.ui.showConsoleProgress", str(sys.stderr.isatty()).lower())
    spark = builder.getOrCreate()
    if current_thread() is main_thread():  # nobody else may; pyspark sees to that, too
        # pyspark's own handler asks the JVM to cancel its jobs, which the same Ctrl-C has told to end: that fails.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for word in _ASKED_FOR:
        setattr(java(spark), word, getattr(java(spark), word))
    run_record.note(application_id=spark.sparkContext.applicationId)
    log.info("%s -- Spark UI: %s", name, spark.sparkContext.uiWebUrl or "off")
    return spark


def _name_the_user(jvm: Any) -> None:  # noqa: ANN401 -- py4j has no types
    """Give an account without a name its number for one: Hadoop asks the system for a name, and fails on none."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        group = jvm.org.apache.hadoop.security.UserGroupInformation
        group.setLoginUser(group.createRemoteUser(str(os.geteuid())))


def _is_tls() -> str:
    return str(not (settings.lake(of=()).endpoint or "").startswith("http://")).lower()


def _event_log() -> dict[str, str]:
    """Keep the event log where DAYBOOK_EVENT_LOG says (a folder or s3a://…); unset: keep none."""
    place = settings.event_log(os.environ)
    if not place:
        return {}
    if "://" not in place:
        problem = Use([place], "DAYBOOK_EVENT_LOG").problem()
        if isinstance(problem, UsageError):  # for want of room Spark leaves the log out, and goes on
            raise problem
        place = Path(place).resolve().as_uri()
    return {"spark.eventLog.enabled": "true", "spark.eventLog.dir": place}
