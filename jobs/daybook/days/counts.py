"""Several days in one frame: a column says which day a row is for, and counts are taken for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

DAY = "_day"


def a_file_a_day(frame: DataFrame) -> DataFrame:
    """The same rows: all of a small day in one task, and so in one file; those of a large one in several."""
    if DAY not in frame.columns:
        return frame
    # DataFrame.hint takes a column's name for a text, and refuses it.
    return frame.sparkSession.sql(f"SELECT /*+ REBALANCE({DAY}) */ * FROM {{rows}}", rows=frame)


@dataclass(frozen=True)
class DayCounts:
    """Counts of each day; known when the frame was written."""

    _seen: Observation

    def of(self, day: date) -> dict[str, int]:
        """The counts of a day, by their names."""
        found = ((name.partition(" "), count) for name, count in self._seen.get.items())
        return {name: count for (on, _, name), count in found if on == str(day)}


def added_up(
    frame: DataFrame, of_day: str, days: Sequence[date], columns: Sequence[str]
) -> tuple[DataFrame, DayCounts]:
    """The same frame, adding up some columns for each day while it is written; `of_day` is the column of days.

    As `counted`: what the sums are built on must be taken in the stage that writes.
    """
    seen = Observation()
    sums = (
        F.coalesce(F.sum(F.when(F.col(of_day) == F.lit(day), F.col(name))), F.lit(0)).alias(f"{day} {name}")
        for day in days
        for name in columns
    )
    return frame.observe(seen, *sums), DayCounts(seen)


def counted(frame: DataFrame, days: Sequence[date], conditions: Mapping[str, Column]) -> tuple[DataFrame, DayCounts]:
    """The same frame, counting while it is written; without a column of days all rows are of the one day.

    Counts to build on are taken in the stage that writes: nothing shuffles after them. Spark adds up each task of it
    once, however often it was tried; a stage before a shuffle adds up again what is computed again.
    """
    seen = Observation()
    several = DAY in frame.columns
    assert several or len(days) == 1, "which of the days?"
    counts = (
        F.count_if((F.col(DAY) == F.lit(day)) & condition if several else condition).alias(f"{day} {name}")
        for day in days
        for name, condition in conditions.items()
    )
    return frame.observe(seen, *counts), DayCounts(seen)
