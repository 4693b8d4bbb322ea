"""What each user did on a day: `global_user_activity_per_day`. Worked cases: `tests/cases`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.day_columns import day_of, days_first
from daybook.transforms.lengths import no_time
from daybook.transforms.rates import MONEY_TYPE, in_reporting_currency


def user_activity(
    sessions: DataFrame, messages: DataFrame, purchases: DataFrame, rates: Mapping[date, Mapping[str, Decimal]]
) -> DataFrame:
    """Compute `global_user_activity_per_day` of some days, in the contract's columns and order.

    Grain: one row per user and UTC day with a session event, message or purchase on it, whether or not the
    user is in `users`. `sessions` is `visits.per_session` of the days; `messages` and `purchases` are silver
    of the days; `rates` are those of each (see `rates.in_reporting_currency`). What did not happen is 0, never
    NULL. Money is summed as decimals and rounded half up to cents per user and day, only then a double. Sorted by
    day and user within partitions, so that a rerun writes the same rows in the same order.
    """
    messages, purchases = _dated(messages, "created_at"), _dated(purchases, "purchase_time")
    money = in_reporting_currency(F.col("amount"), "currency", "date", rates)
    # One union and one grouping move each fact once; joining the three would move and sort each of them.
    facts = [
        _facts(sessions, visits=F.col("visits"), time_spent=F.col("time_spent")),
        _facts(messages, messages=F.lit(1)),
        _facts(purchases, money=money),
    ]
    per_user_day = reduce(DataFrame.unionByName, facts).groupBy("user_id", "date")
    sums = per_user_day.agg(*(F.sum(name).alias(name) for name in ("visits", "time_spent", "messages", "money")))
    return sums.select(
        "user_id",
        "date",
        F.col("visits").cast("int").alias("total_nbr_connexion"),
        F.col("time_spent").alias("total_spend_time"),
        F.col("messages").cast("int").alias("total_message_send_this_day"),
        # Spark rounds decimals half up; the amounts are exact until here.
        F.round("money", 2).cast("double").alias("total_money_spend"),
    ).sortWithinPartitions(*days_first(F.col("date"), rates), "user_id")


def _dated(frame: DataFrame, moment: str) -> DataFrame:
    return frame.withColumn("date", day_of(F.col(moment)))


def _facts(frame: DataFrame, **known: Column) -> DataFrame:
    """Bring one kind of fact to the shape all kinds share: what it does not know is nothing."""
    nothing = {
        "visits": F.lit(0),
        "time_spent": no_time(),
        "messages": F.lit(0),
        "money": F.lit(0).cast(MONEY_TYPE),
    }
    return frame.select("user_id", "date", *(column.alias(name) for name, column in {**nothing, **known}.items()))
