"""`global_user_activity_per_day`: its rows, and messages, purchases and money again from silver."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.model import SourceTable
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.days.columns import beginning, day_of, following
from daybook.gold.given import Silver
from daybook.transforms.currency import RATE_TYPE
from daybook.transforms.lengths import between
from daybook.transforms.repeated import marked
from daybook.transforms.user_activity import happened, user_activity
from daybook.transforms.visits import gaps, per_session

# What silver gives again of a day's ledger.
Proven = TypedDict(
    "Proven",
    {"messages": int, "repeated_messages": int, "purchases": int, "repeated_purchases": int, "money": Decimal},
)


def rows(silver: Silver, days: Sequence[date]) -> DataFrame:
    """What each user did on each of the days."""
    sessions = per_session(gaps(silver.frame("user_session_events", days), silver.meaning.max_gap), days)
    over = F.col("time_spent") > between(beginning(F.col("date")), beginning(following(F.col("date"))))
    sessions = silver.alarm("sessions_over_24_hours", sessions, over)
    messages, purchases = (_marked(silver, table, days) for table in (GROUP_MESSAGES, USER_PURCHASES))
    made = user_activity(sessions, messages, purchases, {day: silver.rates(day) for day in days})
    return silver.tally(made, days).where(happened()).drop("sessions", *GLOBAL_USER_ACTIVITY_PER_DAY.tallies)


def _marked(silver: Silver, table: SourceTable, days: Sequence[date]) -> DataFrame:
    own, before = (silver.frame(table.name, days, offsets) for offsets in ((0,), (-1,)))
    return marked(own, before, table.key, _moment(table))


def proof(silver: Silver, days: Sequence[date]) -> Mapping[date, Proven]:
    """Messages and purchases are the rows that silver's manifest proves, less those that are found repeated.

    Those are looked for anew, by another road than `rows` takes, and money is converted and summed again without them.
    Where no manifest of the day before is there, none is repeated.
    """
    messages = _repeated_messages(silver, days)
    purchases = _purchases(silver, days)
    return {
        day: {
            "messages": silver.rows(GROUP_MESSAGES.name, day) - messages[day],
            "repeated_messages": messages[day],
            "purchases": silver.rows(USER_PURCHASES.name, day) - purchases[str(day)]["repeated"],
            "repeated_purchases": purchases[str(day)]["repeated"],
            "money": purchases[str(day)]["money"],
        }
        for day in days
    }


def _repeated_messages(silver: Silver, days: Sequence[date]) -> Mapping[date, int]:
    if not _may_repeat(silver, GROUP_MESSAGES, days):
        return dict.fromkeys(days, 0)
    own, before = _dated(silver, GROUP_MESSAGES, days)
    repeated = _each_once(own, before, GROUP_MESSAGES.key).where("repeated")
    found = _first(repeated.agg(*(F.count_if(F.col("date") == F.lit(day)).alias(str(day)) for day in days)))
    return {day: found[str(day)] for day in days}


def _purchases(silver: Silver, days: Sequence[date]) -> Row:
    """Money of silver's purchases that are not repeated, rounded per user and day, and the number of those that are.

    By a query of its own: the rates are rows to it, joined by currency. A purchase whose currency has no row falls
    out, and then the sums differ.
    """
    listed = ", ".join(
        f"(DATE '{day}', '{currency}', CAST('{rate:f}' AS {RATE_TYPE}))"
        for day in days
        for currency, rate in silver.rates(day).items()
    )
    own, before = _dated(silver, USER_PURCHASES, days)
    rates = own.sparkSession.sql(f"SELECT * FROM VALUES {listed} AS rates (date, currency, rate)")
    worth = own.join(F.broadcast(rates), ["date", "currency"]).withColumn("money", F.col("amount") * F.col("rate"))
    if _may_repeat(silver, USER_PURCHASES, days):
        each = _each_once(worth, before, USER_PURCHASES.key, F.sum("money").alias("money"))
    else:
        each = worth.withColumn("repeated", F.lit(False))
    once = F.round(F.sum(F.when(~F.col("repeated"), F.col("money"))), 2).cast("decimal(20,2)")
    per_user = each.groupBy("user_id", "date").agg(once.alias("money"), F.count_if("repeated").alias("n"))
    return _first(per_user.agg(*(_of_day(day).alias(str(day)) for day in days)))


def _of_day(day: date) -> Column:
    money, repeated = (F.sum(F.when(F.col("date") == F.lit(day), F.col(name))) for name in ("money", "n"))
    nothing = F.lit(Decimal("0.00"))
    return F.struct(F.coalesce(money, nothing).alias("money"), F.coalesce(repeated, F.lit(0)).alias("repeated"))


def _may_repeat(silver: Silver, table: SourceTable, days: Sequence[date]) -> bool:
    """Whether there is silver whose rows those of the days may repeat: within a day each key is there once."""
    return silver.is_there(table.name, days, (-1,))


def _dated(silver: Silver, table: SourceTable, days: Sequence[date]) -> tuple[DataFrame, DataFrame]:
    """The rows of the days, and those of the day before each; in both `date` is the day that is made."""
    own, before = (silver.frame(table.name, days, offsets) for offsets in ((0,), (-1,)))
    on = day_of(F.col(_moment(table)))
    return own.withColumn("date", on), before.withColumn("date", following(on))


def _each_once(own: DataFrame, before: DataFrame, key: Sequence[str], *sums: Column) -> DataFrame:
    """Each key of a day once, with `repeated`: whether the day before has it; and sums over its own rows.

    Rows of both days are grouped, none is joined to another: so this shares nothing with `repeated.marked`.
    """
    known = before.select(*key, "date").withColumn("is_before", F.lit(True))
    both = own.withColumn("is_before", F.lit(False)).unionByName(known, allowMissingColumns=True)
    told = F.bool_or("is_before").alias("repeated"), F.bool_and("is_before").alias("only_before")
    return both.groupBy("date", *key).agg(*told, *sums).where(~F.col("only_before"))


def _moment(table: SourceTable) -> str:
    assert table.window is not None, "a table that is read by day"
    return table.window.column


def _first(aggregate: DataFrame) -> Row:
    found = aggregate.first()
    assert found is not None, "an aggregate without groups has one row"
    return found
