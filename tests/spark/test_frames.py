"""Rows that the driver knows, made a frame without Python on executors."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from daybook.lake import frames
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


def test_a_value_that_is_not_of_its_type_is_refused(spark: Any) -> None:
    with pytest.raises(Exception, match="Malformed records"):
        frames.of_rows(spark, [("1 March", "", 1, True, READ_AT)], COLUMNS).collect()
