"""What each notification achieved: `global_notif_impact_per_day`. Worked cases: `tests/cases`.

A notification is a *sending*: (user_id, notification_id, notification_time). The same id at another time is another
sending with a row of its own.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from daybook.contracts.model import CLOCK_TOLERANCE
from daybook.days import around
from daybook.days.columns import day_of
from daybook.days.of_days import days_first
from daybook.transforms.lengths import between
from daybook.transforms.time_after import with_time_after

_SENDING = ("user_id", "notification_id", "sent_at")


def notif_impact(
    notifications: DataFrame,
    states: DataFrame,
    gaps: DataFrame,
    days: Sequence[date],
    attribution: timedelta,
    success_states: tuple[str, ...],
) -> DataFrame:
    """Compute `global_notif_impact_per_day` of some days, in the contract's columns and order.

    Grain: one row per sending (user_id, notification_id, notification_time) on one of the UTC days. `notifications` and
    `states` are the silver rows, the first with the `silver_day` that each is in, `gaps` is `visits.gaps` of the
    events, each of every silver day that the contract reads: an older version of a sending is evidence too.
    `attribution` is at most a day. Sorted by sending within partitions, so that a rerun writes the same rows in the
    same order.
    """
    evidence = _versions(notifications, success_states).unionByName(_reactions(states, success_states))
    sendings = _sendings(_attributed(evidence, attribution), days)
    first = F.col("first_success")
    judged = sendings.withColumn("success", F.when(between(F.col("sent_at"), first) < F.lit(attribution), first))
    # A success comes on the day of the sending or the next: no other day's time is asked for.
    timed = with_time_after(judged, "success", gaps, around(days, (0, 1)))
    sent_on = day_of(F.col("sent_at"))
    return timed.sortWithinPartitions(*days_first(sent_on, days), *_SENDING).select(
        "user_id",
        F.col("content").alias("content_notif"),
        sent_on.alias("notif_date"),
        F.col("success").isNotNull().alias("is_success"),
        F.when(F.col("success").isNotNull(), F.col("time_after")).alias("time_spend_after_success"),
    )


def _versions(notifications: DataFrame, success_states: tuple[str, ...]) -> DataFrame:
    """Turn each version of a sending into evidence: its text, and whether and when it succeeded."""
    sent_at = F.col("notification_time")
    # A success before its own sending counts at the sending; so does one without a time.
    moment = F.greatest(F.coalesce("modified_at", sent_at), sent_at)
    return notifications.select(
        "user_id",
        "notification_id",
        sent_at.alias("at"),
        sent_at.alias("sent_at"),
        F.when(F.col("state").isin(*success_states), moment).alias("success"),
        # The latest version is the greatest of these: by modified_at, NULL first, as in silver. Of equal times the
        # later extraction counts, which lacks what was erased since; a silver day has a sending once.
        F.struct("modified_at", "silver_day", "content").alias("version"),
    )


def _reactions(states: DataFrame, success_states: tuple[str, ...]) -> DataFrame:
    """Turn each successful state into evidence of a success of a sending that it does not name."""
    return states.where(F.col("status").isin(*success_states)).select(
        "user_id",
        "notification_id",
        F.col("updated_at").alias("at"),
        F.lit(None).cast("timestamp").alias("sent_at"),
        F.lit(None).cast("timestamp").alias("success"),
        F.lit(None).alias("version"),
    )


def _attributed(evidence: DataFrame, attribution: timedelta) -> DataFrame:
    """Give each reaction the sending it belongs to; `sent_at` stays NULL where there is none.

    That is the last sending at or before it, unless it is `attribution` or longer ago; else the next one, if it comes
    within the tolerance of two clocks, and then the success counts at the sending.
    """
    # A sending comes before a reaction of the same instant. Both looks share one sort; IGNORE NULLS passes over
    # reactions, and pyspark's lead has no such option.
    in_time = Window.partitionBy("user_id", "notification_id").orderBy("at", F.col("sent_at").isNull())
    so_far = in_time.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    over = "OVER (PARTITION BY user_id, notification_id ORDER BY at, sent_at IS NULL)"
    looked = evidence.withColumns(
        {
            "last_sent": F.last("sent_at", ignorenulls=True).over(so_far),
            "next_sent": F.expr(f"lead(sent_at) IGNORE NULLS {over}"),
        }
    )
    at, last_sent, next_sent = F.col("at"), F.col("last_sent"), F.col("next_sent")
    belongs_to = F.when(between(last_sent, at) < F.lit(attribution), last_sent).when(
        between(at, next_sent) <= F.lit(CLOCK_TOLERANCE), next_sent
    )
    is_reaction = F.col("sent_at").isNull()
    return looked.select(
        "user_id",
        "notification_id",
        F.coalesce("sent_at", belongs_to).alias("sent_at"),
        F.when(is_reaction, F.greatest(at, belongs_to)).otherwise(F.col("success")).alias("success"),
        "version",
    )


def _sendings(evidence: DataFrame, days: Sequence[date]) -> DataFrame:
    """Sum up the evidence of each sending of the days: its text, and its first success moment, if any."""
    return (
        evidence.where(day_of(F.col("sent_at")).isin(*days))
        .groupBy(*_SENDING)
        .agg(F.min("success").alias("first_success"), F.max("version").alias("latest"))
        .select(*_SENDING, "first_success", F.col("latest.content").alias("content"))
    )
