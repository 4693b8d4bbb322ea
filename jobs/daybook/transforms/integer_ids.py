"""Which days of a table have integers for ids: there another setting is right, and no row is dirt."""

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable
from daybook.days.of_days import OfDays
from daybook.transforms.identifiers import is_integer_id
from daybook.transforms.typed import cleaned


def columns(bronze: OfDays, table: SourceTable) -> DataFrame:
    """One row: by day, as text, the first id column most of whose ids that day are integers; NULL if there is none.

    Each day is counted by itself. What has no value counts for nothing.
    """
    ids = [column for column in table.columns if column.type == "uuid"]
    texts = bronze.frame.select(*bronze.mark, *(cleaned(column.name, column).alias(column.name) for column in ids))

    def most(name: str, day: date) -> Column:
        integers = F.count_if(bronze.of(day, is_integer_id(F.col(name))))
        return integers * 2 > F.count_if(bronze.of(day, F.col(name).isNotNull()))

    return texts.agg(
        *(F.coalesce(*(F.when(most(c.name, day), F.lit(c.name)) for c in ids)).alias(str(day)) for day in bronze.days)
    )
