"""Exchange rates, the dataframe part: amounts in the reporting currency."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import chain

from pyspark.sql import Column
from pyspark.sql import functions as F

RATE_TYPE = "decimal(18,8)"
# What decimal(18,2) times decimal(18,8) needs, so that nothing is rounded before it is summed.
MONEY_TYPE = "decimal(37,10)"


def in_reporting_currency(amount: Column, currency: Column, rates: Mapping[str, Decimal]) -> Column:
    """Convert an amount to the reporting currency, exact and unrounded, as `MONEY_TYPE`.

    `amount` is decimal(18,2); `rates` holds the units of the reporting currency for one unit of each currency
    on one day, the reporting currency (at 1) included.

    Raises:
        ValueError: a rate has more digits than `RATE_TYPE` holds; it would be rounded without a word.

    While Spark computes, a currency without a rate stops the job: NULL or 0 would be lost money.
    """
    pairs = ((F.lit(code), F.lit(_exact(code, rate)).cast(RATE_TYPE)) for code, rate in sorted(rates.items()))
    known = F.element_at(F.create_map(*chain.from_iterable(pairs)), currency)
    shown = F.coalesce(currency, F.lit("NULL"))
    unknown = F.raise_error(F.concat(F.lit("no exchange rate of the day for currency "), shown))
    # element_at gives NULL for a missing key even in ANSI mode; coalesce evaluates the error only then.
    return (amount * F.coalesce(known, unknown.cast(RATE_TYPE))).cast(MONEY_TYPE)


def _exact(code: str, rate: Decimal) -> str:
    whole, _, fraction = f"{rate.normalize():f}".partition(".")
    if not rate.is_finite() or len(whole) > 10 or len(fraction) > 8:
        raise ValueError(f"exchange rate {rate} of {code} does not fit {RATE_TYPE}")
    return f"{whole}.{fraction or '0'}"
