"""One row per key: exact duplicates and older versions go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable
from daybook.days.counts import DayCounts, counted

_RANK = "_rank"


@dataclass(frozen=True)
class Latest:
    """The rows that stay, one per key, and the number of those that went."""

    rows: DataFrame
    _seen: DayCounts

    def duplicates(self, day: date) -> int:
        """How many rows of the day went; known when `rows` were written.

        A count to build on: it is taken after the shuffle, in the stage that writes, where a row counts once.
        """
        return self._seen.of(day)["duplicates"]


def one_per_key(rows: DataFrame, table: SourceTable, days: Sequence[date]) -> Latest:
    """Keep the latest row of each key; of each day, where a column says which day a row is for.

    The latest by the contract's `latest_by` comes first; ties go to the greatest row by its columns in contract
    order, NULL being the smallest value, so that a rerun keeps the same row.
    """
    latest = (table.latest_by,) if table.latest_by else ()
    order = [F.col(name).desc_nulls_last() for name in (*latest, *table.column_names)]
    of_day = [name for name in rows.columns if name not in table.column_names]
    if of_day:  # all rows of a day in one task, and so in one file
        rows = rows.repartition(*of_day)
    rank = F.row_number().over(Window.partitionBy(*of_day, *table.key).orderBy(*order))
    ranked, seen = counted(rows.withColumn(_RANK, rank), days, {"duplicates": F.col(_RANK) > 1})
    return Latest(ranked.where(F.col(_RANK) == 1).drop(_RANK), seen)
