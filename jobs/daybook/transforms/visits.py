"""Visits and counted time: what the events of a session say about its use. Worked cases: `tests/cases`.

The one rule from which everything here follows: the gap between two neighbouring events of a session is time spent,
unless its first event ends the session, its second starts one, or it is too long. An event that does not end a session
begins a visit when no counted gap leads to it: it is then the first of its session, starts one, follows an end, or
follows a gap that was too long. Events of one instant have an order, which the instant before decides.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from daybook.days.columns import beginning, day_of, following
from daybook.transforms.lengths import between, no_time

START_LIKE = ("START", "LOGIN", "CONNECT", "SESSION_START")
END_LIKE = ("END", "LOGOUT", "DISCONNECT", "SESSION_END")


def gaps(events: DataFrame, max_gap: timedelta) -> DataFrame:
    """Mark what each instant of a session begins.

    Grain: one row per instant (user_id, session_id, event_time) of `events`. Columns: user_id, session_id, event_time,
    visits (int: how many begin), ends_gap (boolean: a counted gap ends here), gap_end (timestamp: the end of the
    counted gap that starts here; NULL when that gap does not count or there is none). A gap of exactly `max_gap`
    counts. Two instants before a gap and one after it decide whether it counts, each at most `max_gap` from the next.
    """
    instants, in_order = _ordered(_instants(events), max_gap), _in_order()
    event_time, ends_last, starts_first = F.col("event_time"), F.col("ends_last"), F.col("starts_first")
    next_time, next_starts = F.lead("event_time").over(in_order), F.lead("starts_first").over(in_order)
    marked = instants.withColumns(
        {
            "ends_gap": F.col("follows") & ~F.lag("ends_last", 1, False).over(in_order) & ~starts_first,
            "gap_end": F.when(
                ~ends_last & ~next_starts & (between(event_time, next_time) <= F.lit(max_gap)), next_time
            ),
        }
    )
    # Behind a start of the same instant activity goes on with that visit.
    by_activity = F.col("has_activity") & ~F.col("ends_gap") & ~starts_first
    visits = (F.col("starts") + by_activity.cast("int")).cast("int")
    return marked.select("user_id", "session_id", "event_time", visits.alias("visits"), "ends_gap", "gap_end")


def _instants(events: DataFrame) -> DataFrame:
    """Each instant of a session once: how many starts it has, and whether it has activity and an end.

    Moved once, by user and session: an instant and its neighbours are found in place, and a user with many sessions
    keeps all cores busy.
    """
    starts, ends = F.col("event_type").isin(*START_LIKE), F.col("event_type").isin(*END_LIKE)
    moved = events.repartition("user_id", "session_id")
    return moved.groupBy("user_id", "session_id", "event_time").agg(
        F.count_if(starts).alias("starts"),
        F.bool_or(~starts & ~ends).alias("has_activity"),
        F.bool_or(ends).alias("has_end"),
    )


def _ordered(instants: DataFrame, max_gap: timedelta) -> DataFrame:
    """Add what the order of each instant's events is: `starts_first`, `ends_last`; and `follows`, whether it is near.

    Something is open at an instant if the one before, at most `max_gap` earlier, holds an event that is no end. Then
    activity comes first, then ends, then starts. With nothing open starts come first, then activity, then ends: a visit
    of no length. By the instant before alone: what lies farther back has no say.
    """
    in_order = _in_order()
    starts, has_activity, has_end = F.col("starts") > 0, F.col("has_activity"), F.col("has_end")
    before = F.lag("event_time").over(in_order)
    follows = F.coalesce(between(before, F.col("event_time")) <= F.lit(max_gap), F.lit(False))
    looked = instants.withColumns(
        {"follows": follows, "is_open": follows & F.lag(starts | has_activity, 1, False).over(in_order)}
    )
    is_open = F.col("is_open")
    return looked.withColumns(
        {
            "starts_first": starts & ~(is_open & (has_activity | has_end)),
            "ends_last": has_end & ~(is_open & starts),
        }
    )


def _in_order() -> WindowSpec:
    return Window.partitionBy("user_id", "session_id").orderBy("event_time")


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
        F.sum(F.when(own == date_, F.col("visits")).otherwise(0)).cast("int").alias("visits"),
        F.sum(time_inside(event_time, gap_end, beginning(date_), beginning(following(date_)))).alias("time_spent"),
    )


def time_inside(start: Column, end: Column, frame_start: Column, frame_end: Column) -> Column:
    """Give the overlap of [start, end) with [frame_start, frame_end) as an interval day to second.

    Never negative; zero when they do not touch or a bound is NULL.
    """
    overlap = between(F.greatest(start, frame_start), F.least(end, frame_end))
    # least and greatest pass over NULL, comparisons do not: a NULL bound ends in the second branch.
    return F.when((start < frame_end) & (end > frame_start), overlap).otherwise(no_time())
