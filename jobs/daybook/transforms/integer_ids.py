"""Which days of a table have integers for ids: there another setting is right, and no row is dirt."""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable
from daybook.days.counts import DAY
from daybook.transforms.identifiers import is_integer_id
from daybook.transforms.typed import cleaned


def columns(bronze: DataFrame, table: SourceTable, days: Sequence[date]) -> DataFrame:
    """One row: by day, as text, the first id column most of whose ids that day are integers; NULL if there is none.

    Each day is counted by itself. What has no value counts for nothing.
    """
    ids = [column for column in table.columns if column.type == "uuid"]
    own = [DAY] if DAY in bronze.columns else []
    texts = bronze.select(*own, *(cleaned(column.name, column).alias(column.name) for column in ids))

    def most(name: str, day: date) -> Column:
        of_day = F.col(DAY) == F.lit(day) if own else F.lit(True)
        integers = F.count_if(of_day & is_integer_id(F.col(name)))
        return integers * 2 > F.count_if(of_day & F.col(name).isNotNull())

    named = (F.coalesce(*(F.when(most(c.name, day), F.lit(c.name)) for c in ids)).alias(str(day)) for day in days)
    return texts.agg(*named)
