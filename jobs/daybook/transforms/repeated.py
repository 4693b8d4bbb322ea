"""Rows that a source delivers again after midnight: silver holds the same key on two days running."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from daybook.days.columns import day_of, following


def marked(rows: DataFrame, before: DataFrame, key: Sequence[str], moment: str) -> DataFrame:
    """Say of each row on which UTC day it is, and whether the day before holds its key.

    `rows` are silver rows of some days, `before` those of the day before each; a day has a key once. Grain: one row
    per row of `rows`, with two columns more, `date` and `repeated` (boolean). Each row is compared with its own day
    before and no other, so it does not matter which days are made together.
    """
    date_ = day_of(F.col(moment))
    known = before.select(*key, following(date_).alias("date"), F.lit(True).alias("known"))
    found = rows.withColumn("date", date_).join(known, [*key, "date"], "left")
    return found.withColumn("repeated", F.col("known").isNotNull())
