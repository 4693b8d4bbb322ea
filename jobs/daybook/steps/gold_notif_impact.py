"""Write `global_notif_impact_per_day` of one day, and prove it against silver."""

from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.lake import frames
from daybook.lake.attempt import Attempt, DraftTable
from daybook.lake.paths import Dataset
from daybook.session import progress
from daybook.steps.context import Context
from daybook.steps.silver_days import SilverDays
from daybook.transforms.notif_impact import notif_impact
from daybook.transforms.visits import gaps, no_time


def write(ctx: Context, attempt: Attempt, table: GoldTable, silver: SilverDays, day: date) -> DraftTable:
    """Compute, write and audit the day.

    Raises:
        DataError: there are more or fewer notifications than silver has, or a figure is impossible.
    """
    notifications = silver.frame("user_notifications")
    rows = notif_impact(
        notifications,
        silver.frame("notification_states"),
        gaps(silver.frame("user_session_events"), ctx.meaning.max_gap),
        day,
        ctx.meaning.attribution,
        ctx.meaning.success_states,
    )
    time = F.col("time_spend_after_success")
    written = frames.stage(
        attempt,
        rows,
        Dataset(ctx.lake.gold, table.name, day, "parquet"),
        {
            "successes": F.count_if("is_success"),
            "impossible": F.count_if((time < no_time()) | (time.isNull() == F.col("is_success"))),
        },
    )
    with progress(ctx.spark, f"audit {table.name} {day}: notifications sent, from silver"):
        sent = _sent_on(notifications, day)
    ledger: dict[str, Any] = {
        "gold": written.metrics["rows"],
        "silver_notifications": sent,
        "successes": written.metrics["successes"],
        "impossible": written.metrics["impossible"],
    }
    audit(table, day, ledger)
    return DraftTable(written.staged, ledger)


def _sent_on(notifications: DataFrame, day: date) -> int:
    """Distinct notifications whose first sending lies on the day, by a query of its own."""
    first = notifications.groupBy("user_id", "notification_id").agg(F.min("notification_time").alias("sent"))
    return first.where(F.to_date("sent") == F.lit(day)).count()


def audit(table: GoldTable, day: date, ledger: dict[str, Any]) -> None:
    """The ledger of the day: one row per notification that silver has as sent, and no figure is impossible.

    Raises:
        DataError: it does not balance.
    """
    if ledger["gold"] != ledger["silver_notifications"]:
        raise DataError(f"gold {table.name} {day}: notifications do not add up ({ledger})")
    if ledger["impossible"]:
        raise DataError(f"gold {table.name} {day}: a figure is impossible ({ledger})")
