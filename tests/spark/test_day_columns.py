"""The day of a moment and where a day begins, as the calendar has them: before 1970, in leap years, at the ends."""

import random
from datetime import datetime, timedelta
from typing import Any

from pyspark.sql import functions as F

from daybook.days.columns import beginning, day_of, following

FIRST = datetime(1, 1, 1)
EDGES = (
    FIRST,
    datetime(1582, 10, 10, 12),
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(1970, 1, 1),
    datetime(1970, 1, 1, 0, 0, 0, 1),
    datetime(2024, 2, 29, 23, 59, 59, 999_999),
    datetime(2100, 3, 1),
    datetime(9999, 12, 30, 23, 59, 59, 999_999),
)


def some(count: int) -> list[datetime]:
    """Moments of nearly ten thousand years."""
    chosen = random.Random(7)
    return [FIRST + timedelta(chosen.randrange(3_652_000), chosen.random() * 86_400) for _ in range(count)]


def test_the_day_of_a_moment_its_beginning_and_the_next_are_those_of_the_calendar(make_frame: Any) -> None:
    moments = {moment.isoformat(" ", "microseconds"): moment for moment in (*EDGES, *some(2_000))}
    frame = make_frame([{"text": text} for text in moments], "text string")
    day = day_of(F.col("text").cast("timestamp"))
    columns = {"day": day, "begins": beginning(day), "next": following(day)}
    found = frame.select("text", *(column.cast("string").alias(name) for name, column in columns.items())).collect()
    assert len(found) == len(moments)
    for text, *said in found:
        midnight = moments[text].replace(hour=0, minute=0, second=0, microsecond=0)
        assert said == [str(each) for each in (midnight.date(), midnight, (midnight + timedelta(1)).date())], text


def test_no_moment_has_no_day(spark: Any) -> None:
    none = F.lit(None).cast("timestamp")
    assert spark.range(1).select(day_of(none), beginning(day_of(none))).collect() == [(None, None)]
