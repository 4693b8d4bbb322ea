"""Rows that the driver knows, made a frame without Python on executors."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from daybook.lake import frames
from daybook.spark.progress import ended_whole
from tests.kit.hostile import HOSTILE

COLUMNS = {"day": "date", "text": "string", "rows": "bigint", "whole": "boolean", "read_at": "timestamp"}
READ_AT = datetime(2025, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC)


def test_rows_that_the_driver_knows_are_the_same_in_a_frame(spark: Any) -> None:
    known: list[tuple[Any, ...]] = [
        (date(2025, 3, 1), text, 2**40 + n, True, READ_AT) for n, text in enumerate(HOSTILE)
    ]
    known.append((date(2025, 3, 2), None, None, False, None))
    frame = frames.of_rows(spark, known, COLUMNS)
    assert {f.name: f.dataType.simpleString() for f in frame.schema} == COLUMNS
    seen = [tuple(row) for row in frame.withColumn("read_at", frame.read_at.cast("string")).collect()]
    assert seen == [(*row[:4], row[4] and "2025-03-01 23:59:59.999999") for row in known]


def test_no_row_is_a_frame_of_one_empty_part(spark: Any) -> None:
    frame = frames.of_rows(spark, [], COLUMNS)
    assert (list(frame.columns), frame.count(), frame.rdd.getNumPartitions()) == (list(COLUMNS), 0, 1)


def test_of_no_rows_spark_sees_that_they_are_none(spark: Any) -> None:
    frame = frames.no_rows(spark, COLUMNS)
    assert {f.name: f.dataType.simpleString() for f in frame.schema} == COLUMNS
    joined = spark.range(9).selectExpr("id AS rows").join(frame, "rows", "left")
    assert (frame.count(), joined.count()) == (0, 9)
    assert "Join" not in joined._jdf.queryExecution().optimizedPlan().toString()


def test_a_value_that_is_not_of_its_type_is_refused(spark: Any) -> None:
    with pytest.raises(Exception, match="Malformed records"):
        frames.of_rows(spark, [("1 March", "", 1, True, READ_AT)], COLUMNS).collect()


def test_nothing_is_written_any_more_once_a_write_has_failed_however_soon(spark: Any, tmp_path: Path) -> None:
    fails = F.when(F.col("id") == 0, F.raise_error(F.lit("planted")).cast("string"))
    slow = F.expr("reflect('java.lang.Thread', 'sleep', 300L)")
    rows = spark.range(0, 2, 1, 2).select(fails.otherwise(slow).alias("text"))
    scheduler = spark.sparkContext._jsc.sc().taskScheduler()
    for attempt in range(6):  # one right after the other: Spark's status hears of starts and ends in steps of 100 ms
        with pytest.raises(Exception, match="planted"), ended_whole(spark):
            rows.write.text(str(tmp_path / str(attempt)))
        assert "-> 0" in scheduler.runningTasksByExecutors().toString()
