"""The lake's dataframes: writing an attempt, reading what a manifest names."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from daybook.days.counts import DAY, counted
from daybook.errors import RetryableError
from daybook.lake import csv
from daybook.lake.attempt import Attempt, Staged
from daybook.lake.manifest import File
from daybook.lake.paths import Dataset
from daybook.spark.progress import ended_whole, java, progress


@dataclass(frozen=True)
class Written:
    """A staged dataset and the metrics observed while it was written."""

    staged: Staged
    metrics: dict[str, Any]


def stage(attempt: Attempt, frame: DataFrame, dataset: Dataset, metrics: Mapping[str, Column] | None = None) -> Written:
    """Write a frame into the attempt's folder and prove that what is stored is what was meant.

    `metrics` are aggregates observed on the frame while it is written, at no extra pass. They are counts to build on:
    nothing shuffles between them and the files, and of the stage that writes Spark adds up each task once, however
    often it was tried. (A stage before a shuffle adds up again what is computed again, for lost shuffle files.)

    Raises:
        RetryableError: what was stored differs from what was meant.
    """
    started = time.monotonic()
    folder = attempt.folder(dataset)
    seen = Observation()
    observed = frame.observe(seen, F.count(F.lit(1)).alias("rows"), *(c.alias(n) for n, c in (metrics or {}).items()))
    files = _save(attempt, observed, dataset, folder, str(dataset.day))
    values = seen.get
    return Written(_staged(frame, dataset, folder, files, values["rows"], time.monotonic() - started), values)


def stage_days(
    attempt: Attempt,
    frame: DataFrame,
    datasets: Mapping[date, Dataset],
    counts: Mapping[str, Column] | None = None,
    every_day: bool = False,
) -> dict[date, Written]:
    """Write the rows of several days in one go, each row into the files of the day in its column `_day`.

    As `stage` does with the rows of one day, which need no such column; `counts` are conditions, counted for each day.
    A day without a row has nothing, or with `every_day` a file all the same.

    Raises:
        RetryableError: what was stored of a day differs from what was meant.
    """
    counts = counts or {}
    if DAY not in frame.columns:
        [(day, dataset)] = datasets.items()
        return {day: stage(attempt, frame, dataset, {name: F.count_if(each) for name, each in counts.items()})}
    started, days = time.monotonic(), sorted(datasets)
    folder = attempt.folder(datasets[days[0]])
    observed, seen = counted(frame, days, {"rows": F.lit(True), **counts})
    files = _save(attempt, observed, datasets[days[0]], folder, f"{days[0]} to {days[-1]}", DAY)
    seconds, written = (time.monotonic() - started) / len(days), {}
    for day, dataset in datasets.items():
        own, values = f"{folder}/{DAY}={day}", seen.of(day)
        of_day = tuple(file for file in files if file.name.startswith(f"{own}/"))
        rows = frame.drop(DAY)
        if of_day or values["rows"]:
            written[day] = Written(_staged(rows, dataset, own, of_day, values["rows"], seconds), values)
        elif every_day:
            nothing = of_rows(frame.sparkSession, [], {f.name: f.dataType.simpleString() for f in rows.schema})
            written[day] = Written(stage(attempt, nothing, dataset).staged, values)
    if strange := {file.name for file in files} - {f.name for each in written.values() for f in each.staged.files}:
        raise RetryableError(f"{folder}: rows of a day that was not asked for: {min(strange)}")
    return written


def _save(attempt: Attempt, frame: DataFrame, dataset: Dataset, folder: str, days: str, *by: str) -> tuple[File, ...]:
    """Write the frame into the folder and tell which files there are now."""
    options = csv.WRITE if dataset.format == "csv" else {}
    writer = frame.write.format(dataset.format).options(**options).partitionBy(*by)
    spark, what = frame.sparkSession, f"{dataset.format} {dataset.prefix}{dataset.table} {days}"
    with progress(spark, what), ended_whole(spark):
        # The committer's id makes the attempt provable in _SUCCESS; the folder is new, so nothing is overwritten.
        writer.option("fs.s3a.committer.uuid", attempt.id).mode("errorifexists").save(folder)
    sizes = attempt.store.sizes(folder)
    _check_success(attempt, folder)
    names = sorted(name for name in sizes if name.rpartition("/")[2].startswith("part-"))
    if not names and not by:
        raise RetryableError(f"{folder}: the writer left no file", then="run the same command again")
    has_footer = dataset.format == "parquet"
    return tuple(File(name, sizes[name], _footer_rows(spark, name) if has_footer else None) for name in names)


def _staged(
    frame: DataFrame, dataset: Dataset, folder: str, files: tuple[File, ...], rows: int, seconds: float
) -> Staged:
    """The files, if they hold as many rows as were meant."""
    stored = [file.rows for file in files if file.rows is not None]
    if (stored or not files) and sum(stored) != rows:
        raise RetryableError(f"{folder}: {rows:,} rows written, {sum(stored):,} stored")
    schema = {f.name: f.dataType.simpleString() for f in frame.schema.fields}
    return Staged(dataset, folder, files, rows, schema, seconds)


def read_csv(spark: SparkSession, files: Mapping[date, list[str]], columns: tuple[str, ...]) -> DataFrame:
    """Bronze files, every column as text; of several days with a column `_day`, by the folder that a file is in.

    A header with other names or another order is refused while reading.
    """
    schema = T.StructType([T.StructField(name, T.StringType()) for name in columns])
    mark = csv.new_mark()
    names = [name for of_day in files.values() for name in of_day]
    frame = spark.read.schema(schema).options(**csv.reading(mark)).csv(names)
    day = [day_of_file().alias(DAY)] if len(files) > 1 else []
    return frame.select(*day, *(csv.restored(name, mark) for name in columns))


def day_of_file() -> Column:
    """The day of the table-day that a row was read from: its folder says it."""
    return F.regexp_extract("_metadata.file_path", "/([0-9]{4}-[0-9]{2}-[0-9]{2})/[^/]+/[^/]+$", 1).cast("date")


def read_parquet(spark: SparkSession, files: list[str], columns: Mapping[str, str]) -> DataFrame:
    """Parquet files of ours with these columns (name → Spark type): nothing is inferred, what is missing is NULL."""
    return spark.read.schema(_ddl(columns)).parquet(*files)


def no_rows(spark: SparkSession, columns: Mapping[str, str]) -> DataFrame:
    """No row, in these columns (name → Spark type): Spark sees that it is empty, and plans no join with it.

    A read of no file is not that: Spark warns of it, and plans it like any other.
    """
    nothing = (F.lit(None).cast(type_).alias(name) for name, type_ in columns.items())
    return spark.range(1).select(*nothing).limit(0)


def of_rows(spark: SparkSession, rows: Iterable[Iterable[Any]], columns: Mapping[str, str]) -> DataFrame:
    """A few rows that the driver knows, in these columns (name → Spark type), as one partition.

    Spark reads them itself: by `createDataFrame` Python would run on executors, also for no row at all.
    """
    text = json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str)
    parsed = F.from_json(F.lit(text), f"array<struct<{_ddl(columns)}>>", {"mode": "FAILFAST"})
    return spark.range(0, 1, 1, 1).select(F.inline(parsed))


def _ddl(columns: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}` {type_}" for name, type_ in columns.items())


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
