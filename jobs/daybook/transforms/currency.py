"""Exchange rates, the dataframe part: amounts in the reporting currency, exact."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pyspark.sql import Column
from pyspark.sql import functions as F

from daybook.days.columns import by_day

RATE_TYPE = "decimal(19,12)"
# What Spark gives for decimal(18,6) times RATE_TYPE: nothing is rounded or cast before or while it is summed.
MONEY_TYPE = "decimal(38,18)"


def in_reporting_currency(
    amount: Column, currency: str, day: str, rates: Mapping[date, Mapping[str, Decimal]]
) -> Column:
    """Convert an amount to the reporting currency, exact and unrounded, as `MONEY_TYPE`.

    `amount` is decimal(18,6), `currency` and `day` are columns' names; `rates` holds for each day the units of the
    reporting currency for one unit of each currency, the reporting currency (at 1) included.

    Raises:
        ValueError: a rate has more digits than `RATE_TYPE` holds; it would be rounded without a word.

    While Spark computes, a currency without a rate stops the job: NULL or 0 would be lost money.
    """
    shown = F.coalesce(currency, F.lit("NULL"))
    unknown = F.raise_error(F.concat(F.lit("no exchange rate of the day for currency "), shown))
    rate = F.expr(by_day({each: rate_sql(currency, of_day) for each, of_day in rates.items()}, day))
    # coalesce evaluates the error only where there is no rate
    return amount * F.coalesce(rate, unknown.cast(RATE_TYPE))


def rate_sql(currency: str, rates: Mapping[str, Decimal]) -> str:
    """The rate for a column of currencies, as SQL of `RATE_TYPE`; NULL for a currency without one.

    Raises:
        ValueError: a rate has more digits than `RATE_TYPE` holds.
    """
    # element_at gives NULL for a missing key even in ANSI mode
    pairs = (f"'{code}', CAST('{_exact(code, rate)}' AS {RATE_TYPE})" for code, rate in sorted(rates.items()))
    return f"element_at(map({', '.join(pairs)}), {currency})"


def _exact(code: str, rate: Decimal) -> str:
    whole, _, fraction = f"{rate.normalize():f}".partition(".")
    if not rate.is_finite() or len(whole) > 7 or len(fraction) > 12:
        raise ValueError(f"exchange rate {rate} of {code} does not fit {RATE_TYPE}")
    return f"{whole}.{fraction or '0'}"
