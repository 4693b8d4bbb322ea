"""Write `global_notif_impact_per_day` of one day, and prove it against silver."""

from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.lake import frames
from daybook.lake.attempt import Attempt, DraftTable
from daybook.spark import progress
from daybook.steps.silver_days import SilverDays
from daybook.transforms.notif_impact import notif_impact
from daybook.transforms.visits import gaps, no_time


def write(ctx: Context, attempt: Attempt, table: GoldTable, silver: SilverDays, day: date) -> DraftTable:
    """Compute, write and audit the day.

    Raises:
        DataError: there are more or fewer sendings than silver has, or a figure is impossible.
    """
    rows = notif_impact(
        silver.frame("user_notifications"),
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
        ctx.lake.gold(table, day).dataset(table.name),
        {
            "successes": F.count_if("is_success"),
            "impossible": F.count_if((time < no_time()) | (time.isNull() == F.col("is_success"))),
        },
    )
    with progress(ctx.spark, f"audit {table.name} {day}: sendings, from silver"):
        sent = _sent_on(silver.frame("user_notifications", (0, 1)), day)
    ledger: dict[str, Any] = {
        "gold": written.metrics["rows"],
        "silver_sendings": sent,
        "successes": written.metrics["successes"],
        "impossible": written.metrics["impossible"],
    }
    audit(table, day, ledger)
    return DraftTable(written.staged, ledger)


def _sent_on(notifications: DataFrame, day: date) -> int:
    """Distinct sendings of the day in silver of the day and the next: counted from their keys, with no other rule."""
    on_day = notifications.where(F.to_date("notification_time") == F.lit(day))
    return on_day.select("user_id", "notification_id", "notification_time").distinct().count()


def audit(table: GoldTable, day: date, ledger: dict[str, Any]) -> None:
    """The ledger of the day: one row per sending that silver has, and no figure is impossible.

    Raises:
        DataError: it does not balance.
    """
    if ledger["gold"] != ledger["silver_sendings"]:
        raise DataError(f"gold {table.name} {day}: sendings do not add up ({ledger})")
    if ledger["impossible"]:
        raise DataError(f"gold {table.name} {day}: a figure is impossible ({ledger})")
