"""The lake's dataframes: writing an attempt, reading what a manifest names."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from daybook.errors import RetryableError
from daybook.lake import csv
from daybook.lake.attempt import Attempt, Staged
from daybook.lake.manifest import File
from daybook.lake.paths import Dataset
from daybook.spark import java, progress


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
    options = csv.WRITE if dataset.format == "csv" else {}
    writer = observed.write.format(dataset.format).options(**options)
    with progress(frame.sparkSession, f"{dataset.format} {dataset.prefix}{dataset.table} {dataset.day}"):
        # The committer's id makes the attempt provable in _SUCCESS; the folder is new, so nothing is overwritten.
        writer.option("fs.s3a.committer.uuid", attempt.id).mode("errorifexists").save(folder)
    values = seen.get
    sizes = attempt.store.sizes(folder)
    _check_success(attempt, folder)
    names = sorted(name for name in sizes if name.rpartition("/")[2].startswith("part-"))
    rows = {name: _footer_rows(frame.sparkSession, name) if dataset.format == "parquet" else None for name in names}
    _check_rows(folder, rows, values["rows"])
    files = tuple(File(name, sizes[name], rows[name]) for name in names)
    schema = {f.name: f.dataType.simpleString() for f in frame.schema.fields}
    return Written(Staged(dataset, folder, files, values["rows"], schema, time.monotonic() - started), values)


def read_csv(spark: SparkSession, files: list[str], columns: tuple[str, ...]) -> DataFrame:
    """Bronze files, every column as text. A header with other names or another order is refused while reading."""
    schema = T.StructType([T.StructField(name, T.StringType()) for name in columns])
    mark = csv.new_mark()
    frame = spark.read.schema(schema).options(**csv.reading(mark)).csv(files)
    return frame.select(*(csv.restored(name, mark) for name in columns))


def read_parquet(spark: SparkSession, files: list[str], columns: Mapping[str, str]) -> DataFrame:
    """Parquet files of ours with these columns (name → Spark type): nothing is inferred, what is missing is NULL."""
    ddl = ", ".join(f"`{name}` {type_}" for name, type_ in columns.items())
    return spark.read.schema(ddl).parquet(*files)


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


def _check_rows(folder: str, rows: Mapping[str, int | None], meant: int) -> None:
    if not rows:
        raise RetryableError(f"{folder}: the writer left no file", then="run the same command again")
    stored = [count for count in rows.values() if count is not None]
    if stored and sum(stored) != meant:
        raise RetryableError(f"{folder}: {meant:,} rows written, {sum(stored):,} stored")
