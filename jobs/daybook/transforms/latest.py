"""One row per key: exact duplicates and older versions go."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable

RANK = "_rank"


def ranked(rows: DataFrame, table: SourceTable) -> DataFrame:
    """Rows with their `_rank` within the key: 1 is the one to keep.

    The latest by the contract's `latest_by` comes first; ties go to the greatest row by its columns in contract
    order, NULL being the smallest value, so that a rerun keeps the same row.
    """
    latest = (table.latest_by,) if table.latest_by else ()
    order = [F.col(name).desc_nulls_last() for name in (*latest, *table.column_names)]
    return rows.withColumn(RANK, F.row_number().over(Window.partitionBy(*table.key).orderBy(*order)))
