"""Write `global_user_activity_per_day` of one day, and prove it against silver."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.lake import frames
from daybook.lake.attempt import Attempt, DraftTable
from daybook.spark import progress
from daybook.steps.silver_days import SilverDays
from daybook.transforms.rates import RATE_TYPE
from daybook.transforms.user_activity import user_activity
from daybook.transforms.visits import gaps, no_time, per_session

_DAY = timedelta(days=1)


def write(ctx: Context, attempt: Attempt, table: GoldTable, silver: SilverDays, day: date) -> DraftTable:
    """Compute, write and audit the day.

    Raises:
        DataError: messages or money differ from silver's, or a figure is impossible.
    """
    rates = ctx.rates.on(day).valid
    # Observed before a shuffle: too many when a stage is computed again. It only has to be zero.
    purchases, overlong = silver.frame("user_purchases"), Observation()
    sessions = per_session(gaps(silver.frame("user_session_events"), ctx.meaning.max_gap), day).observe(
        overlong, F.count_if(F.col("time_spent") > F.lit(_DAY)).alias("sessions")
    )
    rows = user_activity(sessions, silver.frame("group_messages"), purchases, rates, day)
    written = frames.stage(
        attempt,
        rows,
        ctx.lake.gold(table, day).dataset(table.name),
        {
            "messages": F.coalesce(F.sum("total_message_send_this_day"), F.lit(0)),
            # A double holds cents exactly up to 15 digits; summed as decimals nothing is lost on the way.
            "money": F.coalesce(F.sum(F.col("total_money_spend").cast("decimal(20,2)")), F.lit(Decimal("0.00"))),
            "negative": F.count_if(
                (F.col("total_nbr_connexion") < 0)
                | (F.col("total_spend_time") < no_time())
                | (F.col("total_money_spend") < 0)
            ),
        },
    )
    seen = written.metrics
    with progress(ctx.spark, f"audit {table.name} {day}: money by user, from silver"):
        spent = _money_by_user(purchases, rates)
    ledger: dict[str, Any] = {
        "gold": seen["rows"],
        "messages": seen["messages"],
        "silver_messages": silver.own_rows("group_messages"),
        "money": str(seen["money"]),
        "silver_money": str(spent),
        "sessions_over_24_hours": overlong.get["sessions"],
        "negative": seen["negative"],
    }
    audit(table, day, ledger)
    return DraftTable(written.staged, ledger)


def _money_by_user(purchases: DataFrame, rates: Mapping[str, Decimal]) -> Decimal:
    """Money of silver, rounded per user, by a query of its own: the rates are rows to it, joined by currency.

    A purchase whose currency has no row falls out, and then the sums differ.
    """
    listed = ", ".join(f"('{currency}', CAST('{rate:f}' AS {RATE_TYPE}))" for currency, rate in rates.items())
    rows = purchases.sparkSession.sql(f"SELECT * FROM VALUES {listed} AS rates (currency, rate)")
    spent = F.round(F.sum(F.col("amount") * F.col("rate")), 2).cast("decimal(20,2)")
    per_user = purchases.join(F.broadcast(rows), "currency").groupBy("user_id").agg(spent.alias("spent"))
    total = per_user.agg(F.coalesce(F.sum("spent"), F.lit(Decimal("0.00"))).alias("total")).first()
    assert total is not None, "an aggregate without groups has one row"
    return Decimal(total["total"])


def audit(table: GoldTable, day: date, ledger: dict[str, Any]) -> None:
    """The ledger of the day: messages and money are silver's, and no figure is impossible.

    Raises:
        DataError: it does not balance.
    """
    if ledger["messages"] != ledger["silver_messages"]:
        raise DataError(f"gold {table.name} {day}: messages do not add up ({ledger})")
    if Decimal(ledger["money"]) != Decimal(ledger["silver_money"]):
        raise DataError(f"gold {table.name} {day}: money does not add up to the cent ({ledger})")
    if ledger["negative"] or ledger["sessions_over_24_hours"]:
        raise DataError(f"gold {table.name} {day}: a figure is impossible ({ledger})")
