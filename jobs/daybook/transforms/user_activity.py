"""What each user did on a day: `global_user_activity_per_day`. Worked cases: `tests/cases`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.transforms.rates import MONEY_TYPE, in_reporting_currency
from daybook.transforms.visits import no_time


def user_activity(
    sessions: DataFrame, messages: DataFrame, purchases: DataFrame, rates: Mapping[str, Decimal], day: date
) -> DataFrame:
    """Compute `global_user_activity_per_day` of one day, in the contract's columns and order.

    Grain: one row per user with a session event, message or purchase on the UTC day, whether or not the
    user is in `users`. `sessions` is `visits.per_session` of the day; `messages` and `purchases` are silver
    of the day; `rates` are the day's (see `rates.in_reporting_currency`). What did not happen is 0, never
    NULL. Money is summed as decimals and rounded half up to cents per user, only then a double. Sorted by
    user within partitions, so that a rerun writes the same rows in the same order.
    """
    money = in_reporting_currency(F.col("amount"), "currency", rates)
    # One union and one grouping move each fact once; joining the three would move and sort each of them.
    facts = [
        _facts(sessions, visits=F.col("visits"), time_spent=F.col("time_spent")),
        _facts(messages, messages=F.lit(1)),
        _facts(purchases, money=money),
    ]
    per_user = reduce(DataFrame.unionByName, facts).groupBy("user_id")
    sums = per_user.agg(*(F.sum(name).alias(name) for name in ("visits", "time_spent", "messages", "money")))
    return sums.select(
        "user_id",
        F.lit(day.isoformat()).cast("date").alias("date"),
        F.col("visits").cast("int").alias("total_nbr_connexion"),
        F.col("time_spent").alias("total_spend_time"),
        F.col("messages").cast("int").alias("total_message_send_this_day"),
        # Spark rounds decimals half up; the amounts are exact until here.
        F.round("money", 2).cast("double").alias("total_money_spend"),
    ).sortWithinPartitions("user_id")


def _facts(frame: DataFrame, **known: Column) -> DataFrame:
    """Bring one kind of fact to the shape all kinds share: what it does not know is nothing."""
    nothing = {
        "visits": F.lit(0),
        "time_spent": no_time(),
        "messages": F.lit(0),
        "money": F.lit(0).cast(MONEY_TYPE),
    }
    return frame.select("user_id", *(column.alias(name) for name, column in {**nothing, **known}.items()))
