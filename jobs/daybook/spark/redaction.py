"""Spark's own words: its log and its event log quote the row at which a task failed, and neither may."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from daybook.log import log

_LOGGING = Path(__file__).resolve().parents[3] / "conf" / "log4j2.properties"
_LEFT_OUT = "left out, as it may quote a row"
# Where an event tells in words why something failed; the frames beside them stay.
_QUOTING = (
    "Description",
    "Full Stack Trace",
    "Message",
    "Failure Reason",
    "Kill Reason",
    "Loss Reason",
    "errorMessage",
)
_EVENTS = (
    "SparkListenerTaskEnd",
    "SparkListenerStageCompleted",
    "SparkListenerJobEnd",
    "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd",
)


def hush(jvm: Any) -> None:  # noqa: ANN401 -- py4j has no types
    """Log by our own file from now on, whatever file, level or option this JVM was started with."""
    jvm.org.apache.logging.log4j.core.config.Configurator.reconfigure(jvm.java.io.File(str(_LOGGING)).toURI())


def stop(spark: SparkSession, failed: bool) -> None:
    """Stop the session; where a task failed in it, or the run, take the words out of its event log."""
    context, jvm = spark.sparkContext._jsc.sc(), spark.sparkContext._jvm
    place = None
    with suppress(Py4JError):  # a JVM that is gone stops nothing
        if context.eventLogger().isDefined() and (failed or _a_task_failed(context)):
            place = context.eventLogger().get().logWriter().logPath()
    spark.stop()
    if place:
        try:
            _clean(jvm, place)
        except Py4JError as error:
            why = type(error).__name__
            log.warning("event log %s may quote rows, and is not cleaned (%s): delete it", place, why)


def _a_task_failed(context: Any) -> bool:  # noqa: ANN401 -- py4j has no types
    executors = context.statusStore().executorList(False).iterator()
    while executors.hasNext():
        if executors.next().failedTasks():
            return True
    return False


def _clean(jvm: Any, place: str) -> None:  # noqa: ANN401 -- py4j has no types
    """Write each file of the event log again, without the words; the old one is there until the new one is whole."""
    history, path = jvm.org.apache.spark.deploy.history, jvm.org.apache.hadoop.fs.Path(place)
    conf = jvm.org.apache.spark.SparkConf()
    store = path.getFileSystem(jvm.org.apache.spark.deploy.SparkHadoopUtil.get().newConfiguration(conf))
    store.setWriteChecksum(False)  # of Spark's own files none is kept beside them
    files = history.EventLogFileReader.apply(store, path).get().listEventLogFiles().iterator()
    while files.hasNext():
        status = files.next()
        file = status.getPath()
        lines = jvm.org.apache.commons.io.IOUtils.toString(
            history.EventLogFileReader.openEventLog(file, store), "UTF-8"
        )
        new = jvm.org.apache.hadoop.fs.Path(file.getParent(), f".{file.getName()}")
        out, codec = store.create(new, True), history.EventLogFileWriter.codecName(file)
        if codec.isDefined():
            compression = jvm.org.apache.spark.io.CompressionCodec.createCodec(conf, codec.get())
            out = compression.compressedOutputStream(out)
        jvm.org.apache.commons.io.IOUtils.write("".join(map(_cleaned, lines.splitlines(True))), out, "UTF-8")
        out.close()
        store.setPermission(new, status.getPermission())
        store.delete(file, False)
        store.rename(new, file)


def _cleaned(line: str) -> str:
    if not line.startswith(tuple(f'{{"Event":"{event}"' for event in _EVENTS)):
        return line
    return json.dumps(_without_words(json.loads(line)), separators=(",", ":")) + "\n"


def _without_words(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if isinstance(value, dict):
        return {name: _LEFT_OUT if name in _QUOTING and each else _without_words(each) for name, each in value.items()}
    return value
