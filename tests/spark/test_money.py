"""Money is exact: what is summed from the texts of thousands of amounts is what Python's decimals give, to the cent."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any
from uuid import UUID

from pyspark.sql import functions as F

from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.user_session_events import USER_SESSION_EVENTS
from daybook.rates import DayRates
from daybook.settings import meaning
from daybook.transforms import quality, typed, user_activity, visits
from tests.kit.gold import silver_ddl

DAY = date(2025, 3, 1)
RATES = {
    "EUR": Decimal(1), "USD": Decimal("0.961908426318"), "JPY": Decimal("0.006123456789"),
    "KWD": Decimal("3.1"), "IDR": Decimal("0.000055555556"),
}  # fmt: skip
LARGEST = {"EUR": 10**6, "USD": 10**6, "JPY": 10**8, "KWD": 3 * 10**5, "IDR": 10**10}
SIXTH, CENT = Decimal("0.000001"), Decimal("0.01")


def texts(count: int) -> list[tuple[str, str, str]]:
    """User, text of an amount and currency: 0 to 6 decimals, all sizes, plain and with exponents, halves of a cent."""
    drawn, found = random.Random(11), []
    for _ in range(count):
        currency, decimals = drawn.choice(sorted(RATES)), drawn.randrange(7)
        below = LARGEST[currency] * 10**decimals // 10 ** drawn.randrange(10)
        amount = Decimal(drawn.randrange(max(1, below))).scaleb(-decimals)
        text = drawn.choice((f"{amount:f}", f"{amount:e}", f"{amount:f}", f"{drawn.choice((0.005, 1.005))}"))
        found.append((str(UUID(int=drawn.randrange(300))), text, currency))
    return found


def figures(amounts: list[tuple[str, str, str]]) -> dict[str, float]:
    """Each user's money: every product exact, one rounding at the end."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(prec=60):
        for user, text, currency in amounts:
            sums[user] += Decimal(text).quantize(SIXTH, ROUND_HALF_UP) * RATES[currency]
        return {user: float(money.quantize(CENT, ROUND_HALF_UP)) for user, money in sums.items()}


def test_sums_are_those_of_pythons_decimals_from_the_text_to_the_figure(make_frame: Any) -> None:
    amounts = texts(6000)
    ddl = ", ".join(f"{name} string" for name in USER_PURCHASES.column_names)
    at = f"{DAY}T10:00:00.000000Z"
    rows = [
        {"user_id": user, "purchase_time": at, "purchase_id": str(UUID(int=n)), "amount": text, "currency": currency}
        for n, (user, text, currency) in enumerate(amounts)
    ]
    parameters = quality.parameters(datetime(2025, 3, 2, tzinfo=UTC), DayRates(RATES, ()), meaning({}).in_rules)
    clean = quality.judge(make_frame(rows, ddl), USER_PURCHASES, None, parameters).clean
    gaps = visits.gaps(make_frame([], silver_ddl(USER_SESSION_EVENTS)), timedelta(days=1))
    sessions = visits.per_session(gaps, [DAY])
    messages = make_frame([], silver_ddl(GROUP_MESSAGES, "date date", "repeated boolean"))
    purchases = clean.withColumns({"date": F.lit(DAY), "repeated": F.lit(False)})
    activity = user_activity.user_activity(sessions, messages, purchases, {DAY: RATES})
    found = {row.user_id: row.total_money_spend for row in activity.collect()}
    assert found == figures(amounts)
    assert len({text for _, text, _ in amounts}) > 3000 and len(found) == 300


def test_a_double_is_read_as_the_shortest_decimal_that_prints_it(make_frame: Any) -> None:
    drawn = random.Random(13)
    doubles = [0.1, 0.30000000000000004, 1e-7, 5e-7, 4.9999999999999998e-7, 0.1234565, 1e22 / 1e11, 999999999999.9]
    doubles += [10 ** drawn.uniform(-7, 12) for _ in range(10_000)]
    # as written, a half of the sixth decimal; the double itself lies above or below
    doubles += [(drawn.randrange(10**13) * 10 + 5) / 10**7 for _ in range(10_000)]
    frame = make_frame([{"amount": amount} for amount in doubles], "amount double")
    found = frame.select("amount", F.col("amount").cast("string").alias("text"))
    found = found.select("amount", typed.number("text", "decimal(18,6)").alias("value"))
    expected = {amount: Decimal(repr(amount)).quantize(SIXTH, ROUND_HALF_UP) for amount in doubles}
    assert {row.amount: row.value for row in found.collect()} == expected
