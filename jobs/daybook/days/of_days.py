"""Rows of some days in one frame. Here, and nowhere else, it matters whether they are of one day or of several.

Rows of one day need no column that says so, and no move that keeps days apart: most nights make one day, and each of
these would cost a small one as much as its own work.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.days.counts import DayCounts, observed

DAY = "_day"


def mark(days: Collection[date]) -> list[str]:
    """Return the column, if any, that says which day a row is for: none where all rows are of one day."""
    return [DAY] if len(days) > 1 else []


def days_first(day: Column, days: Collection[date]) -> list[Column]:
    """Return what rows of these days are sorted by first: their day, unless there is one alone.

    Spark compares the first bytes of the first key before it looks at rows: a key that all share makes it look always.
    """
    return [day] if mark(days) else []


@dataclass(frozen=True)
class OfDays:
    """Rows of some days; of several days with a column more, `mark`, that says which day a row is for."""

    frame: DataFrame
    days: Sequence[date]

    @classmethod
    def told(cls, frame: DataFrame, days: Sequence[date], day: Column, columns: Sequence[str | Column]) -> "OfDays":
        """Return these columns of rows whose day another column tells."""
        if not mark(days):
            return cls(frame.select(*columns), days)
        return cls(frame.select(day.alias(DAY), *columns), days)

    @classmethod
    def spread(cls, frame: DataFrame, days: Sequence[date], on: Column, columns: Sequence[str | Column]) -> "OfDays":
        """Return these columns of rows that are each for the days in an array: a row once for each of its days."""
        if not mark(days):
            return cls(frame.select(*columns), days)
        every = frame.select(F.explode(on).alias(DAY), *columns)
        return cls(every.where(F.col(DAY).isin(*days)), days)

    @property
    def mark(self) -> list[str]:
        """The column, if any, that says which day a row is for."""
        return mark(self.days)

    def holding(self, frame: DataFrame) -> "OfDays":
        """Return other rows of the same days; of several days they keep the mark."""
        return replace(self, frame=frame)

    def of(self, day: date, condition: Column) -> Column:
        """Return whether a row is of the day and fulfils the condition."""
        return (F.col(DAY) == F.lit(day)) & condition if self.mark else condition

    def one_task_each(self) -> "OfDays":
        """Return the same rows, all rows of a day in one task, and so in one file."""
        return self.holding(self.frame.repartition(DAY)) if self.mark else self

    def one_file_each(self) -> "OfDays":
        """Return the same rows: those of a small day in one task, and so in one file; those of a large one in several.

        Rows of one day stay in the tasks that read them.
        """
        if not self.mark:
            return self
        # DataFrame.hint takes a column's name for a text, and refuses it.
        text = f"SELECT /*+ REBALANCE({DAY}) */ * FROM {{rows}}"
        return self.holding(self.frame.sparkSession.sql(text, rows=self.frame))

    def counted(
        self, conditions: Mapping[str, Column], aggregates: Mapping[str, Column] | None = None
    ) -> tuple["OfDays", DayCounts]:
        """Return the same rows, counting for each day those that fulfil each condition while they are written.

        `aggregates` are those of `observable`.
        """
        counts = {day: {name: F.count_if(self.of(day, each)) for name, each in conditions.items()} for day in self.days}
        frame, seen = observed(self.frame, {day: {**counts[day], **(aggregates or {})} for day in self.days})
        return self.holding(frame), seen

    def observable(self, aggregates: Mapping[str, Column]) -> Mapping[str, Column] | None:
        """Return the aggregates if they can be taken while the rows are written: of one day; None of several.

        An observation takes aggregates over all rows. Those of a group only counts and sums can give (`counted`).
        """
        return None if self.mark else aggregates

    def folder(self, written: str, day: date) -> str:
        """Return the folder that holds the files of a day, below the one that all were written into."""
        return f"{written}/{DAY}={day}" if self.mark else written
