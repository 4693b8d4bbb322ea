"""`global_user_activity_per_day`: its rows, and messages, purchases and money again from silver."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.model import SourceTable
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.day_columns import beginning, day_of, following
from daybook.gold.silver import Ledgers, Silver
from daybook.transforms.lengths import between
from daybook.transforms.rates import RATE_TYPE
from daybook.transforms.repeated import marked
from daybook.transforms.user_activity import happened, user_activity
from daybook.transforms.visits import gaps, per_session


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


def proof(silver: Silver, days: Sequence[date]) -> Ledgers:
    """Messages and purchases are the rows that silver's manifest proves, less those that are found repeated.

    Those are looked for anew, by another road than `rows` takes, and money is converted and summed again without them.
    """
    messages = _repeated_messages(silver, days)
    purchases = _purchases(silver, days)
    return {
        day: {
            "messages": silver.rows(GROUP_MESSAGES.name, day) - messages[str(day)],
            "repeated_messages": messages[str(day)],
            "purchases": silver.rows(USER_PURCHASES.name, day) - purchases[str(day)]["repeated"],
            "repeated_purchases": purchases[str(day)]["repeated"],
            "money": purchases[str(day)]["money"],
        }
        for day in days
    }


def _repeated_messages(silver: Silver, days: Sequence[date]) -> Row:
    repeated = _looked_through(silver, GROUP_MESSAGES, days).where("repeated")
    return _first(repeated.agg(*(F.count_if(F.col("date") == F.lit(day)).alias(str(day)) for day in days)))


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
    purchases = _looked_through(silver, USER_PURCHASES, days)
    rates = purchases.sparkSession.sql(f"SELECT * FROM VALUES {listed} AS rates (date, currency, rate)")
    once = F.when(~F.col("repeated"), F.col("amount") * F.col("rate"))
    per_user = purchases.join(F.broadcast(rates), ["date", "currency"]).groupBy("user_id", "date")
    sums = per_user.agg(F.round(F.sum(once), 2).cast("decimal(20,2)").alias("money"), F.count_if("repeated").alias("n"))
    return _first(sums.agg(*(_of_day(day).alias(str(day)) for day in days)))


def _of_day(day: date) -> Column:
    money, repeated = (F.sum(F.when(F.col("date") == F.lit(day), F.col(name))) for name in ("money", "n"))
    nothing = F.lit(Decimal("0.00"))
    return F.struct(F.coalesce(money, nothing).alias("money"), F.coalesce(repeated, F.lit(0)).alias("repeated"))


def _looked_through(silver: Silver, table: SourceTable, days: Sequence[date]) -> DataFrame:
    """The rows of the days, each with its `date`, and whether it is `repeated`: the row before it has its key."""
    dated = silver.frame(table.name, days).withColumn("date", day_of(F.col(_moment(table))))
    earlier = F.lag("date").over(Window.partitionBy(*table.key).orderBy("date"))
    repeated = F.coalesce(following(earlier) == F.col("date"), F.lit(False))
    return dated.withColumn("repeated", repeated).where(F.col("date").isin(*days))


def _moment(table: SourceTable) -> str:
    assert table.window is not None, "a table that is read by day"
    return table.window.column


def _first(aggregate: DataFrame) -> Row:
    found = aggregate.first()
    assert found is not None, "an aggregate without groups has one row"
    return found
