"""`rejected_rows_per_day`: silver's counts of each reason, and the same again from the rejected rows as stored."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypedDict

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY
from daybook.gold.given import Silver

_TABLES = tuple(REJECTED_ROWS_PER_DAY.reads)


# What the stored rows give again of a day's ledger.
Proven = TypedDict("Proven", {"reasons": int, "given": int})


def rows(silver: Silver, days: Sequence[date]) -> DataFrame:
    """A row for each reason that silver counted while the rejected rows were written."""
    return silver.listed(
        (day, name, reason, count)
        for day in days
        for name in _TABLES
        for reason, count in sorted(silver.account(name, day).reasons.items())
    )


def proof(silver: Silver, days: Sequence[date]) -> Mapping[date, Proven]:
    """Reasons of each day, and how often each was given, counted from the stored rows themselves."""
    each = silver.reasons(days).select("date", "source_table", F.explode("reasons").alias("reason"))
    counts = [
        F.struct(
            # They are few: gathered they need no shuffle of their own, as distinct ones would.
            F.size(F.collect_set(F.when(of_day, F.struct("source_table", "reason")))).alias("reasons"),
            F.count_if(of_day).alias("given"),
        ).alias(str(day))
        for day in days
        for of_day in (F.col("date") == F.lit(day),)
    ]
    found = each.agg(*counts).first()
    assert found is not None, "an aggregate without groups has one row"
    return {day: {"reasons": found[str(day)]["reasons"], "given": found[str(day)]["given"]} for day in days}
