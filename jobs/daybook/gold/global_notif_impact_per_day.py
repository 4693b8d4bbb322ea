"""`global_notif_impact_per_day`: its rows, and the number of sendings again from silver."""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from daybook.day_columns import day_of
from daybook.gold.silver import Ledgers, Silver
from daybook.transforms.notif_impact import notif_impact
from daybook.transforms.visits import gaps


def rows(silver: Silver, days: Sequence[date]) -> DataFrame:
    """What each notification of the days achieved."""
    meaning = silver.meaning
    return notif_impact(
        silver.frame("user_notifications", days),
        silver.frame("notification_states", days),
        gaps(silver.frame("user_session_events", days), meaning.max_gap),
        days,
        meaning.attribution,
        meaning.success_states,
    )


def proof(silver: Silver, days: Sequence[date]) -> Ledgers:
    """Distinct sendings of each day in silver of the day and the next: counted from their keys, with no other rule."""
    sent_on = day_of(F.col("notification_time"))
    sendings = silver.frame("user_notifications", days, (0, 1)).where(sent_on.isin(*days))
    keys = sendings.select("user_id", "notification_id", "notification_time").distinct()
    found = keys.agg(*(F.count_if(sent_on == F.lit(day)).alias(str(day)) for day in days)).first()
    assert found is not None, "an aggregate without groups has one row"
    return {day: {"sendings": found[str(day)]} for day in days}
