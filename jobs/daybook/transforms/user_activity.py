"""What each user did on a day: `global_user_activity_per_day`. Worked cases: `tests/cases`."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.days.of_days import days_first
from daybook.transforms.currency import MONEY_TYPE, in_reporting_currency
from daybook.transforms.lengths import no_time


def user_activity(
    sessions: DataFrame, messages: DataFrame, purchases: DataFrame, rates: Mapping[date, Mapping[str, Decimal]]
) -> DataFrame:
    """Compute `global_user_activity_per_day` of some days: the contract's columns in order, then counts of its making.

    Grain: one row per user and UTC day with a session event, message or purchase in silver, whether or not the
    user is in `users`. `sessions` is `visits.per_session` of the days; `messages` and `purchases` are silver
    of the days, as `repeated.marked` gives them: what is repeated counts nothing; `rates` are those of each day (see
    `rates.in_reporting_currency`). What did not happen is 0, never NULL. Money is summed as decimals and rounded half
    up to cents per user and day, only then a double. The counts (bigint): `sessions`, `purchases`, `repeated_messages`,
    `repeated_purchases`; a row whose rows are all repeated is here for their sake (`happened` leaves it out). Sorted by
    day and user within partitions, so that a rerun writes the same rows in the same order.
    """
    again = F.col("repeated")
    money = F.when(again, _nothing()["money"]).otherwise(
        in_reporting_currency(F.col("amount"), "currency", "date", rates)
    )
    once, repeated = (~again).cast("int"), again.cast("int")
    # One union and one grouping move each fact once; joining the three would move and sort each of them.
    facts = [
        _facts(sessions, visits=F.col("visits"), time_spent=F.col("time_spent"), sessions=F.lit(1)),
        _facts(messages, messages=once, repeated_messages=repeated),
        _facts(purchases, money=money, purchases=once, repeated_purchases=repeated),
    ]
    per_user_day = reduce(DataFrame.unionByName, facts).groupBy("user_id", "date")
    sums = per_user_day.agg(*(F.sum(name).alias(name) for name in _nothing()))
    return sums.select(
        "user_id",
        "date",
        F.col("visits").cast("int").alias("total_nbr_connexion"),
        F.col("time_spent").alias("total_spend_time"),
        F.col("messages").cast("int").alias("total_message_send_this_day"),
        # Spark rounds decimals half up; the amounts are exact until here.
        F.round("money", 2).cast("double").alias("total_money_spend"),
        "sessions",
        "purchases",
        "repeated_messages",
        "repeated_purchases",
    ).sortWithinPartitions(*days_first(F.col("date"), rates), "user_id")


def happened() -> Column:
    """Whether anything of the user's on the day is no repetition."""
    return F.greatest("sessions", "total_message_send_this_day", "purchases") > 0


def _facts(frame: DataFrame, **known: Column) -> DataFrame:
    """Bring one kind of fact to the shape all kinds share: what it does not know is nothing."""
    return frame.select("user_id", "date", *(column.alias(name) for name, column in {**_nothing(), **known}.items()))


def _nothing() -> dict[str, Column]:
    """All that is added up of a user and day, and nothing of it."""
    return {
        "visits": F.lit(0),
        "time_spent": no_time(),
        "messages": F.lit(0),
        "money": F.lit(0).cast(MONEY_TYPE),
        "sessions": F.lit(0),
        "purchases": F.lit(0),
        "repeated_messages": F.lit(0),
        "repeated_purchases": F.lit(0),
    }
