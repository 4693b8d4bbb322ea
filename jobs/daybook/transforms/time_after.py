"""A user's counted time from a moment to the end of its day, for any number of moments in one pass over the day."""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from daybook.days.columns import beginning, day_of, following
from daybook.transforms.lengths import interval


def with_time_after(rows: DataFrame, moment: str, gaps: DataFrame, days: Sequence[date]) -> DataFrame:
    """Add `time_after` to each row: the user's counted time, in all sessions, from `moment` to the end of its UTC day.

    `rows` have a `user_id` and the timestamp column `moment`, which lies on one of the `days` or is NULL; `gaps` is
    `visits.gaps` of these days and their neighbours. `time_after` is an interval day to second, zero without counted
    time, of no meaning where `moment` is NULL. Sessions that overlap add up. The cost grows as n log n in a user's
    rows and visits together: nothing is joined.
    """
    asked = rows.withColumns(
        {"day": day_of(F.col(moment)), "at": F.col(moment), "change": F.lit(0), "is_asked": F.lit(True)}
    )
    bounds = _bounds(gaps).where(F.col("day").isin(*days)).withColumn("is_asked", F.lit(False))
    line = asked.unionByName(bounds, allowMissingColumns=True)
    # From the end of the day backwards: each end of counted time opens a stretch, each start closes one. What is
    # counted after a moment is the sum of (bound - moment) over ends, less that over starts; of bounds that fall
    # together with the moment that is nothing, so their order is of no matter.
    backwards = (
        Window.partitionBy("user_id", "day")
        .orderBy(F.col("at").desc())
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    change, into_day = F.col("change"), F.unix_micros("at") - F.unix_micros(beginning(F.col("day")))
    summed = line.withColumns(
        {
            "open": F.sum(change).over(backwards),
            "weighted": F.sum(change * into_day).over(backwards),
            "into_day": into_day,
        }
    )
    after = F.col("weighted") - F.col("open") * F.col("into_day")
    return summed.where(F.col("is_asked")).select(*rows.columns, interval(after).alias("time_after"))


def _bounds(gaps: DataFrame) -> DataFrame:
    """The moments at which counted time starts (`change` -1) and ends (+1): user_id, day, at, change.

    Where one gap of a session follows another nothing changes, so that a visit has two bounds however many events it
    has. A gap over midnight ends there for its day and starts there for the next; being no longer than a day, it
    crosses one midnight at most.
    """
    starts, event_time = F.col("gap_end").isNotNull(), F.col("event_time")
    change = F.col("ends_gap").cast("int") - starts.cast("int")
    day, next_day = day_of(event_time), following(day_of(event_time))
    midnight = beginning(next_day)
    own = _bound(day, event_time, change)
    at_midnight = _bound(day, midnight, F.lit(1)), _bound(next_day, midnight, F.lit(-1))
    crosses = F.coalesce(F.col("gap_end") >= midnight, F.lit(False))
    bounds = F.when(crosses, F.array(own, *at_midnight)).otherwise(F.array(own))
    changing = gaps.where((change != 0) | crosses).select("user_id", F.explode(bounds).alias("bound"))
    return changing.select("user_id", "bound.*").where(F.col("change") != 0)


def _bound(day: Column, at: Column, change: Column) -> Column:
    return F.struct(day.alias("day"), at.alias("at"), change.alias("change"))
