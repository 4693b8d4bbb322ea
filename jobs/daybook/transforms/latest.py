"""One row per key: exact duplicates and older versions go."""

from dataclasses import dataclass
from datetime import date

from pyspark.sql import Window
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable
from daybook.days.counts import DayCounts
from daybook.days.of_days import OfDays

_RANK = "_rank"


@dataclass(frozen=True)
class Latest:
    """The rows that stay, one per key, and the number of those that went."""

    rows: OfDays
    _seen: DayCounts

    def duplicates(self, day: date) -> int:
        """How many rows of the day went; known when `rows` were written.

        A count to build on: it is taken after the shuffle, in the stage that writes, where a row counts once.
        """
        return int(self._seen.of(day)["duplicates"])


def one_per_key(rows: OfDays, table: SourceTable) -> Latest:
    """Keep the latest row of each key, day by day.

    The latest by the contract's `latest_by` comes first; ties go to the greatest row by its columns in contract
    order, NULL being the smallest value, so that a rerun keeps the same row.
    """
    latest = (table.latest_by,) if table.latest_by else ()
    order = [F.col(name).desc_nulls_last() for name in (*latest, *table.column_names)]
    rank = F.row_number().over(Window.partitionBy(*rows.mark, *table.key).orderBy(*order))
    ranked = rows.holding(rows.one_task_each().frame.withColumn(_RANK, rank))
    counted, seen = ranked.counted({"duplicates": F.col(_RANK) > 1})
    return Latest(rows.holding(counted.frame.where(F.col(_RANK) == 1).drop(_RANK)), seen)
