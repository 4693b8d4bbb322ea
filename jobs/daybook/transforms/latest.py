"""One row per key: exact duplicates and older versions go."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, Observation, Window
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable

_RANK = "_rank"


@dataclass(frozen=True)
class Latest:
    """The rows that stay, one per key, and the number of those that went."""

    rows: DataFrame
    _seen: Observation

    @property
    def duplicates(self) -> int:
        """How many rows went; known when `rows` were written.

        A count to build on: it is taken after the shuffle, in the stage that writes, where a row counts once.
        """
        return int(self._seen.get["duplicates"])


def one_per_key(rows: DataFrame, table: SourceTable) -> Latest:
    """Keep the latest row of each key.

    The latest by the contract's `latest_by` comes first; ties go to the greatest row by its columns in contract
    order, NULL being the smallest value, so that a rerun keeps the same row.
    """
    latest = (table.latest_by,) if table.latest_by else ()
    order = [F.col(name).desc_nulls_last() for name in (*latest, *table.column_names)]
    rank, seen = F.row_number().over(Window.partitionBy(*table.key).orderBy(*order)), Observation()
    ranked = rows.withColumn(_RANK, rank).observe(seen, F.count_if(F.col(_RANK) > 1).alias("duplicates"))
    return Latest(ranked.where(F.col(_RANK) == 1).drop(_RANK), seen)
