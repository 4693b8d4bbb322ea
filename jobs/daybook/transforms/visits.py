"""Visits and counted time: what the events of a session say about its use. Worked cases: `tests/cases`.

The one rule from which everything here follows: the gap between two neighbouring events of a session is time
spent, unless its first event ends the session, its second starts one, or it is too long. An event that does
not end a session begins a visit when no counted gap leads to it: it is then the first of its session, starts
one, follows an end, or follows a gap that was too long.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from daybook.day_columns import beginning, day_of, following
from daybook.transforms.lengths import between, no_time

START_LIKE = ("START", "LOGIN", "CONNECT", "SESSION_START")
END_LIKE = ("END", "LOGOUT", "DISCONNECT", "SESSION_END")

# Where an event stands among those of the same instant: a session that ends and starts again at one instant
# ends first.
_END, _ACTIVITY, _START = 0, 1, 2


def gaps(events: DataFrame, max_gap: timedelta) -> DataFrame:
    """Mark what each session event begins.

    Grain: one row per event (user_id, session_id, event_time, event_type) of `events`. Columns: user_id,
    session_id, event_time, begins_visit (boolean), ends_gap (boolean: a counted gap ends at this event), gap_end
    (timestamp: the end of the counted gap that starts at this event; NULL when that gap does not count or there is
    none). A gap of exactly `max_gap` counts. Hashed by user and session: a user with many sessions keeps all cores
    busy.
    """
    in_order = Window.partitionBy("user_id", "session_id").orderBy("event_time", "place", "event_type")
    placed = events.withColumn("place", _place(F.col("event_type")))
    # Each value by itself: a structure of both would be made anew for each row, twice.
    neighbours = placed.select(
        "user_id",
        "session_id",
        "event_time",
        "place",
        *(F.lag(name).over(in_order).alias(f"previous_{name}") for name in ("event_time", "place")),
        *(F.lead(name).over(in_order).alias(f"next_{name}") for name in ("event_time", "place")),
    )
    continues_visit = F.coalesce(_counts("previous_", "", max_gap), F.lit(False))
    return neighbours.select(
        "user_id",
        "session_id",
        "event_time",
        ((F.col("place") != _END) & ~continues_visit).alias("begins_visit"),
        continues_visit.alias("ends_gap"),
        F.when(_counts("", "next_", max_gap), F.col("next_event_time")).alias("gap_end"),
    )


def per_session(gaps: DataFrame, days: Sequence[date]) -> DataFrame:
    """Sum up each of the days of each session, from `gaps` of the days and their neighbours.

    Grain: one row per (user_id, session_id, date) with an event on that UTC day, or a counted gap that reaches into
    it. Columns: user_id, session_id, date, visits (int: those that begin on the day), time_spent (interval day to
    second: the parts of counted gaps inside the day, so at most its length).
    """
    event_time, gap_end, date_ = F.col("event_time"), F.col("gap_end"), F.col("date")
    own, next_day = F.col("own"), following(F.col("own"))
    # A counted gap is no longer than a day, so it crosses one midnight at most, and has an end on each of its days.
    crosses = F.coalesce(gap_end > beginning(next_day), F.lit(False))
    touched = F.when(crosses, F.array(own, next_day)).otherwise(F.array(own))
    by_day = (
        gaps.withColumn("own", day_of(event_time))
        .where(own.isin(*days) | (crosses & next_day.isin(*days)))
        .withColumn("date", F.explode(touched))
        .where(date_.isin(*days))
    )
    return by_day.groupBy("user_id", "session_id", "date").agg(
        F.sum(F.when((own == date_) & F.col("begins_visit"), 1).otherwise(0)).cast("int").alias("visits"),
        F.sum(time_inside(event_time, gap_end, beginning(date_), beginning(following(date_)))).alias("time_spent"),
    )


def time_inside(start: Column, end: Column, frame_start: Column, frame_end: Column) -> Column:
    """Give the overlap of [start, end) with [frame_start, frame_end) as an interval day to second.

    Never negative; zero when they do not touch or a bound is NULL.
    """
    overlap = between(F.greatest(start, frame_start), F.least(end, frame_end))
    # least and greatest pass over NULL, comparisons do not: a NULL bound ends in the second branch.
    return F.when((start < frame_end) & (end > frame_start), overlap).otherwise(no_time())


def _place(event_type: Column) -> Column:
    return F.when(event_type.isin(*END_LIKE), _END).when(event_type.isin(*START_LIKE), _START).otherwise(_ACTIVITY)


def _counts(first: str, second: str, max_gap: timedelta) -> Column:
    """Tell whether the gap between two neighbouring events is time spent; NULL or false if one is missing.

    Each is named by what its columns begin with.
    """
    length = between(F.col(f"{first}event_time"), F.col(f"{second}event_time"))
    return (F.col(f"{first}place") != _END) & (F.col(f"{second}place") != _START) & (length <= F.lit(max_gap))
