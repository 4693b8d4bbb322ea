"""The parts of gold one by one: overlaps, rates, and how often a plan moves the data."""

import re
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

import duckdb
import pytest
from pyspark.sql import functions as F

from daybook.contracts import FIGURE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.model import SourceTable
from daybook.contracts.notification_states import NOTIFICATION_STATES
from daybook.contracts.user_notifications import USER_NOTIFICATIONS
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.user_session_events import USER_SESSION_EVENTS
from daybook.transforms import currency, notif_impact, repeated, user_activity, visits
from daybook.warehouse import schema
from tests.kit.gold import silver_ddl

GOLD_DAY = date(2025, 3, 1)
A_DAY = timedelta(days=1)
RATES = {"EUR": Decimal(1), "USD": Decimal("0.905")}
INTERVAL = "start timestamp, end timestamp, low timestamp, high timestamp"


@pytest.mark.parametrize(
    ("interval", "hours"),
    [
        ("00 24 10 12", 2), ("10 12 00 24", 2), ("10 14 12 24", 2), ("10 14 00 12", 2), ("10 12 10 12", 2),
        ("10 12 12 14", 0), ("12 14 10 12", 0), ("20 22 10 12", 0), ("08 09 10 12", 0), ("11 11 10 12", 0),
        ("10 -- 00 24", 0), ("10 12 -- --", 0),
    ],
)  # fmt: skip
def test_time_inside(make_frame: Any, interval: str, hours: int) -> None:
    texts = {"--": None, "24": "2025-03-02T00:00:00Z"}
    bounds = [texts.get(hour, f"2025-03-01T{hour}:00:00Z") for hour in interval.split()]
    columns = ["start", "end", "low", "high"]
    frame = make_frame([dict(zip(columns, bounds, strict=True))], INTERVAL)
    row = frame.select(visits.time_inside(*(F.col(c) for c in columns)).alias("inside")).head()
    assert row["inside"] == timedelta(hours=hours)


@pytest.mark.parametrize("code", ["GBP", None])
def test_a_currency_without_a_rate_stops(make_frame: Any, code: str | None) -> None:
    frame = make_frame([{"amount": "1.00", "currency": code}], "amount decimal(18,6), currency string")
    money = currency.in_reporting_currency(F.col("amount"), "currency", "date", {GOLD_DAY: RATES})
    with pytest.raises(Exception, match=f"no exchange rate of the day for currency {code or 'NULL'}"):
        frame.agg(F.sum(money)).collect()


@pytest.mark.parametrize("rate", ["0.1234567890123", "12345678", "NaN", "Infinity"])
def test_a_rate_with_more_digits_than_kept_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="XTS does not fit"):
        currency.in_reporting_currency(F.col("amount"), "currency", "date", {GOLD_DAY: {"XTS": Decimal(rate)}})


def test_money_is_exact_in_the_type_it_is_summed_in(make_frame: Any) -> None:
    frame = make_frame(
        [{"amount": "999999999999.999999", "currency": "XTS"}] * 2, "amount decimal(18,6), currency string"
    )
    rate = Decimal("9999999.999999999999")
    money = frame.select(
        currency.in_reporting_currency(F.col("amount"), "currency", "date", {GOLD_DAY: {"XTS": rate}}).alias("money")
    )
    sums = money.agg(F.sum("money").alias("money"))
    assert [found.dtypes for found in (money, sums)] == [[("money", currency.MONEY_TYPE)]] * 2
    with localcontext(prec=50):
        assert sums.first()["money"] == 2 * Decimal("999999999999.999999") * rate


def test_each_fact_is_moved_once(spark: Any, make_frame: Any) -> None:
    """Events are hashed by session once, and whatever follows by session finds them in place."""

    def silver(table: SourceTable, *more: str) -> Any:
        return make_frame([], silver_ddl(table, *more))

    gaps = visits.gaps(silver(USER_SESSION_EVENTS), A_DAY)
    messages, purchases = (
        repeated.marked(silver(table), silver(table), table.key, moment)
        for table, moment in ((GROUP_MESSAGES, "created_at"), (USER_PURCHASES, "purchase_time"))
    )
    notified, states = silver(USER_NOTIFICATIONS, "silver_day date"), silver(NOTIFICATION_STATES)
    spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    try:
        activity = user_activity.user_activity(
            visits.per_session(gaps, [GOLD_DAY]), messages, purchases, {GOLD_DAY: RATES}
        )
        impact = notif_impact.notif_impact(notified, states, gaps, [GOLD_DAY], A_DAY, ("CLICKED",))
        assert _exchanges(activity) == 6, "the events; messages, purchases, and each of the day before; all facts"
        assert _exchanges(impact) == 3, "the events; notifications and states; sendings and the bounds of visits"
    finally:
        spark.conf.unset("spark.sql.autoBroadcastJoinThreshold")


@pytest.mark.parametrize("table", FIGURE_TABLES, ids=lambda table: table.name)
def test_spark_reads_the_figures_of_the_contract_as_duckdb_does(make_frame: Any, table: GoldTable) -> None:
    """Of no rows all are 0, and of two rows, with less than nothing in each, what DuckDB makes of them."""
    ddl = ", ".join(f"{c.name} {c.type_in.spark}" for c in table.columns)
    values = {"date": str(GOLD_DAY), "int": -7, "bigint": -7, "money": -0.29, "boolean": False}
    durations = {"spark": "INTERVAL '-0 00:00:01.5' DAY TO SECOND", "duckdb": "-1.5 seconds"}
    in_spark, in_duckdb = (
        [{c.name: (values | {"duration": durations[of]}).get(c.type, "text") for c in table.columns}] * 2
        for of in ("spark", "duckdb")
    )
    figures = [F.expr(sql).alias(line) for line, sql in table.figures.items()]
    none, two = (tuple(make_frame(rows, ddl).agg(*figures).first()) for rows in ([], in_spark))
    assert {*none} == {0}
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE gold AS {schema.no_rows(table).replace('UUID', 'VARCHAR')}")
        db.executemany(
            f"INSERT INTO gold VALUES ({', '.join('?' for _ in table.columns)})", [[*row.values()] for row in in_duckdb]
        )
        assert db.execute(f"SELECT {', '.join(table.figures.values())} FROM gold").fetchone() == two


def _exchanges(frame: Any) -> int:
    plan = frame._jdf.queryExecution().executedPlan().toString()
    return len(re.findall(r"\bExchange ", plan))  # a broadcast is a BroadcastExchange
