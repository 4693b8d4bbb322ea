"""`global_user_activity_per_day`: its rows, and messages and money again from silver."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from daybook.day_columns import beginning, day_of, following
from daybook.gold.silver import Ledgers, Silver
from daybook.transforms.lengths import between
from daybook.transforms.rates import RATE_TYPE
from daybook.transforms.user_activity import user_activity
from daybook.transforms.visits import gaps, per_session


def rows(silver: Silver, days: Sequence[date]) -> DataFrame:
    """What each user did on each of the days."""
    sessions = per_session(gaps(silver.frame("user_session_events", days), silver.meaning.max_gap), days)
    over = F.col("time_spent") > between(beginning(F.col("date")), beginning(following(F.col("date"))))
    sessions = silver.alarm("sessions_over_24_hours", sessions, over)
    messages, purchases = (silver.frame(name, days) for name in ("group_messages", "user_purchases"))
    return user_activity(sessions, messages, purchases, {day: silver.rates(day) for day in days})


def proof(silver: Silver, days: Sequence[date]) -> Ledgers:
    """Messages are the rows that silver's manifest proves, money is converted and summed again."""
    money = _money(silver, days)
    return {day: {"messages": silver.rows("group_messages", day), "money": money[day]} for day in days}


def _money(silver: Silver, days: Sequence[date]) -> Mapping[date, Decimal]:
    """Money of silver, rounded per user and day, by a query of its own: the rates are rows to it, joined by currency.

    A purchase whose currency has no row falls out, and then the sums differ.
    """
    listed = ", ".join(
        f"(DATE '{day}', '{currency}', CAST('{rate:f}' AS {RATE_TYPE}))"
        for day in days
        for currency, rate in silver.rates(day).items()
    )
    purchases = silver.frame("user_purchases", days).withColumn("date", day_of(F.col("purchase_time")))
    rates = purchases.sparkSession.sql(f"SELECT * FROM VALUES {listed} AS rates (date, currency, rate)")
    spent = F.round(F.sum(F.col("amount") * F.col("rate")), 2).cast("decimal(20,2)")
    per_user = purchases.join(F.broadcast(rates), ["date", "currency"]).groupBy("user_id", "date")
    of_day = {day: F.sum(F.when(F.col("date") == F.lit(day), F.col("spent"))) for day in days}
    totals = per_user.agg(spent.alias("spent")).agg(
        *(F.coalesce(total, F.lit(Decimal("0.00"))).alias(str(day)) for day, total in of_day.items())
    )
    found = totals.first()
    assert found is not None, "an aggregate without groups has one row"
    return {day: found[str(day)] for day in days}
