"""Writing an attempt's rows: each day into a folder of its own, counted while written and proven by what is stored."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from daybook.arguments import span
from daybook.days.of_days import OfDays
from daybook.errors import RetryableError
from daybook.lake import csv
from daybook.lake.attempt import Attempt, Staged
from daybook.lake.frames import of_rows
from daybook.lake.manifest import File
from daybook.lake.paths import Dataset
from daybook.spark.progress import ended_whole, java, progress


@dataclass(frozen=True)
class Written:
    """A staged dataset and the metrics observed while it was written."""

    staged: Staged
    metrics: dict[str, Any]


def stage(
    attempt: Attempt,
    rows: OfDays,
    datasets: Mapping[date, Dataset],
    counts: Mapping[str, Column] | None = None,
    aggregates: Mapping[str, Column] | None = None,
    *,
    every_day: bool = False,
) -> dict[date, Written]:
    """Write rows of some days into the attempt's folders, in one go, and prove that what is stored is what was meant.

    Observed at no extra pass, in the stage that writes (`days.counts.observed`): the `rows` of each day, those of them
    that fulfil the conditions of `counts`, and `aggregates`, which `OfDays.observable` gave. A day without a row has
    nothing, or with `every_day` a file all the same.

    Raises:
        RetryableError: what was stored of a day differs from what was meant.
    """
    started, first = time.monotonic(), datasets[min(rows.days)]
    folder = attempt.folder(first)
    observed, seen = rows.counted({"rows": F.lit(True), **(counts or {})}, aggregates)
    files = _save(attempt, observed, first, folder)
    seconds = (time.monotonic() - started) / len(rows.days)
    schema = {f.name: f.dataType.simpleString() for f in rows.frame.schema.fields if f.name not in rows.mark}
    written = {}
    for day, dataset in datasets.items():
        own, values = rows.folder(folder, day), seen.of(day)
        of_day = tuple(file for file in files if file.name.startswith(f"{own}/"))
        if of_day or values["rows"]:
            written[day] = Written(_staged(schema, dataset, own, of_day, values["rows"], seconds), values)
        elif every_day:
            nothing = OfDays(of_rows(rows.frame.sparkSession, [], schema), [day])
            empty = _save(attempt, nothing, dataset, own)
            written[day] = Written(_staged(schema, dataset, own, empty, 0, seconds), values)
    _check_days(folder, files, written.values())
    return written


def _check_days(folder: str, files: Iterable[File], written: Iterable[Written]) -> None:
    """See that each file is of one of the days."""
    strange = {file.name for file in files} - {file.name for each in written for file in each.staged.files}
    if strange:
        raise RetryableError(f"{folder}: rows of a day that was not asked for: {min(strange)}")


def _save(attempt: Attempt, rows: OfDays, dataset: Dataset, folder: str) -> tuple[File, ...]:
    """Write the rows into the folder and tell which files there are now."""
    options = csv.WRITE if dataset.format == "csv" else {}
    writer = rows.frame.write.format(dataset.format).options(**options).partitionBy(*rows.mark)
    spark = rows.frame.sparkSession
    what = f"{dataset.format} {dataset.prefix}{dataset.table} {span(sorted(rows.days))}"
    with progress(spark, what), ended_whole(spark):
        # The committer's id makes the attempt provable in _SUCCESS; the folder is new, so nothing is overwritten.
        writer.option("fs.s3a.committer.uuid", attempt.id).mode("errorifexists").save(folder)
    sizes = attempt.store.sizes(folder)
    _check_success(attempt, folder)
    names = sorted(name for name in sizes if name.rpartition("/")[2].startswith("part-"))
    if not names and not rows.mark:  # unless it parts the rows, a writer leaves a file for no row, too
        raise RetryableError(f"{folder}: the writer left no file", then="run the same command again")
    has_footer = dataset.format == "parquet"
    return tuple(File(name, sizes[name], _footer_rows(spark, name) if has_footer else None) for name in names)


def _staged(
    schema: dict[str, str], dataset: Dataset, folder: str, files: tuple[File, ...], rows: int, seconds: float
) -> Staged:
    """The files, if they hold as many rows as were meant."""
    stored = [file.rows for file in files if file.rows is not None]
    if (stored or not files) and sum(stored) != rows:
        raise RetryableError(f"{folder}: {rows:,} rows written, {sum(stored):,} stored")
    return Staged(dataset, folder, files, rows, schema, seconds)


def _check_success(attempt: Attempt, folder: str) -> None:
    """The magic committer, and ours alone, wrote here: anything else could lose rows without an error."""
    stored = attempt.store.get(f"{folder}/_SUCCESS")
    success = json.loads(stored.body) if stored and stored.body else {}
    if success.get("committer") != "magic" or success.get("jobId") != attempt.id:
        raise RetryableError(
            f"{folder}: _SUCCESS names committer {success.get('committer')!r} and job {success.get('jobId')!r}",
            then="see that Spark reads conf/spark-defaults.conf (SPARK_CONF_DIR), then run again",
        )


def _footer_rows(spark: SparkSession, name: str) -> int:
    """Rows of a Parquet file as its own footer states them; read by the driver, no Spark job."""
    jvm = java(spark)
    path = jvm.org.apache.hadoop.fs.Path(name)
    conf = spark.sparkContext._jsc.hadoopConfiguration()
    reader = jvm.org.apache.parquet.hadoop.ParquetFileReader.open(
        jvm.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(path, conf)
    )
    try:
        return int(reader.getRecordCount())
    finally:
        reader.close()
