"""The lake's dataframes: reading what a manifest names, and rows that the driver knows."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from daybook.days.of_days import OfDays
from daybook.lake import csv


def read_csv(spark: SparkSession, files: Mapping[date, list[str]], columns: tuple[str, ...]) -> OfDays:
    """Bronze files, every column as text; the folder that a file is in tells the day.

    A header with other names or another order is refused while reading.
    """
    schema = T.StructType([T.StructField(name, T.StringType()) for name in columns])
    mark = csv.new_mark()
    names = [name for of_day in files.values() for name in of_day]
    frame = spark.read.schema(schema).options(**csv.reading(mark)).csv(names)
    return OfDays.told(frame, list(files), day_of_file(), [csv.restored(name, mark) for name in columns])


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
