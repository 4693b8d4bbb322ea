"""What each notification achieved: `global_notif_impact_per_day`. Worked cases: `tests/cases`."""

from datetime import date, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.transforms.visits import midnight, time_inside


def notif_impact(
    notifications: DataFrame,
    states: DataFrame,
    gaps: DataFrame,
    day: date,
    attribution: timedelta,
    success_states: tuple[str, ...],
) -> DataFrame:
    """Compute `global_notif_impact_per_day` of one day, in the contract's columns and order.

    Grain: one row per notification (user_id, notification_id) sent on the UTC day. `notifications` and
    `states` are the silver rows, `gaps` is `visits.gaps` of the events, each of every silver day that the
    contract reads: an older version of a notification is evidence too. Sorted by user and notification
    within partitions, so that a rerun writes the same rows in the same order.
    """
    evidence = _notified(notifications, success_states).unionByName(_reactions(states, success_states))
    sent = _sent_on(_per_notification(evidence), day)
    judged = sent.withColumn("success", _within(F.col("first_success"), F.col("sent_at"), attribution))
    return (
        _with_time(judged, gaps)
        .sortWithinPartitions("user_id", "notification_id")
        .select(
            "user_id",
            F.col("content").alias("content_notif"),
            F.lit(day.isoformat()).cast("date").alias("notif_date"),
            F.col("success").isNotNull().alias("is_success"),
            F.when(F.col("success").isNotNull(), F.col("time_spent")).alias("time_spend_after_success"),
        )
    )


def _notified(notifications: DataFrame, success_states: tuple[str, ...]) -> DataFrame:
    """Turn each version of a notification into evidence: when it was sent, its text, whether it succeeded."""
    # The latest version is the greatest of these, as in silver: by modified_at, NULL first, then by the
    # columns in contract order (the keys are the same in all versions).
    version = F.struct("modified_at", "notification_time", "content", "state")
    moment = F.coalesce("modified_at", "notification_time")
    return notifications.select(
        "user_id",
        "notification_id",
        "notification_time",
        F.when(F.col("state").isin(*success_states), moment).alias("success_moment"),
        version.alias("version"),
    )


def _reactions(states: DataFrame, success_states: tuple[str, ...]) -> DataFrame:
    """Turn each successful state into evidence of a success, and of nothing else."""
    return states.where(F.col("status").isin(*success_states)).select(
        "user_id",
        "notification_id",
        F.lit(None).cast("timestamp").alias("notification_time"),
        F.col("updated_at").alias("success_moment"),
        F.lit(None).alias("version"),
    )


def _per_notification(evidence: DataFrame) -> DataFrame:
    """Sum up the evidence; one row per (user_id, notification_id), `sent_at` NULL for a state without one."""
    # Hashed by user alone, so that the join with the user's gaps moves nothing again.
    summed = (
        evidence.repartition("user_id")
        .groupBy("user_id", "notification_id")
        .agg(
            F.min("notification_time").alias("sent_at"),
            F.min("success_moment").alias("earliest_success"),
            F.max("version").alias("latest"),
        )
    )
    earliest = F.col("earliest_success")
    return summed.select(
        "user_id",
        "notification_id",
        "sent_at",
        F.col("latest.content").alias("content"),
        # A success before the sending counts at the sending. greatest passes over NULL, hence the condition.
        F.when(earliest.isNotNull(), F.greatest(earliest, F.col("sent_at"))).alias("first_success"),
    )


def _sent_on(notifications: DataFrame, day: date) -> DataFrame:
    sent_at = F.col("sent_at")
    return notifications.where((sent_at >= midnight(day)) & (sent_at < midnight(day + timedelta(days=1))))


def _within(moment: Column, sent_at: Column, attribution: timedelta) -> Column:
    """Keep a success moment inside the attribution window, whose end is excluded; else NULL."""
    return F.when(moment < sent_at + F.lit(attribution), moment)


def _with_time(notifications: DataFrame, gaps: DataFrame) -> DataFrame:
    """Add `time_spent`: the user's counted time in all sessions, from `success` to the end of its day."""
    success = F.col("success")
    until = F.date_trunc("day", success) + F.lit(timedelta(days=1))
    framed = notifications.withColumn("until", until).alias("n")
    counted = gaps.where(F.col("gap_end").isNotNull()).select("user_id", "event_time", "gap_end").alias("g")
    touching = (
        (F.col("n.user_id") == F.col("g.user_id"))
        & (F.col("g.event_time") < F.col("n.until"))
        & (F.col("g.gap_end") > F.col("n.success"))
    )
    # Without a match the gap's bounds are NULL, which is no time: the sum is zero, not NULL.
    inside = time_inside(F.col("g.event_time"), F.col("g.gap_end"), F.col("n.success"), F.col("n.until"))
    return (
        framed.join(counted, on=touching, how="left")
        .groupBy("n.user_id", "n.notification_id", "n.content", "n.success")
        .agg(F.sum(inside).alias("time_spent"))
    )
