"""How many rows were read of silver, held against the rows that its manifests prove."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from daybook import commands
from daybook.arguments import span
from daybook.errors import DataError


@dataclass(frozen=True)
class _Frame:
    table: str
    days: Sequence[date]
    promised: int
    seen: Observation


@dataclass(frozen=True)
class RowsRead:
    """The frames of silver that were handed out, each watched where its files are read."""

    _frames: list[_Frame] = field(default_factory=list)

    def watched(self, frame: DataFrame, table: str, days: Sequence[date], promised: int) -> DataFrame:
        """The same frame, its rows counted before anything is left out; its days' manifests promise so many."""
        seen = Observation()
        self._frames.append(_Frame(table, days, promised, seen))
        return frame.observe(seen, F.count(F.lit(1)).alias("rows"))

    def check(self, reader: str) -> None:
        """See that no row was lost, once the frames were computed, for the one who read them.

        More rows than promised are no fault: a stage before a shuffle that is computed again counts its rows again.

        Raises:
            DataError: fewer rows were read than silver has.
        """
        for frame in self._frames:
            found = frame.seen.get["rows"]
            if found < frame.promised:
                raise DataError(
                    f"{reader}: {found:,} rows of silver {frame.table} {span(frame.days)} were read;"
                    f" the manifests promise {frame.promised:,}",
                    then=commands.silver_again(frame.table, frame.days),
                )
