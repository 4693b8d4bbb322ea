"""Aggregates of each day, observed while the rows are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F


@dataclass(frozen=True)
class DayCounts:
    """Aggregates of each day, by name; known when the frame was written."""

    _seen: Observation
    _labels: Mapping[date, Mapping[str, str]]

    def of(self, day: date) -> dict[str, Any]:
        """Return the day's aggregates by name; wait until the frame was written."""
        values = self._seen.get
        return {name: values[label] for name, label in self._labels[day].items()}


def observed(frame: DataFrame, of_each: Mapping[date, Mapping[str, Column]]) -> tuple[DataFrame, DayCounts]:
    """Return the same frame, taking some aggregates for each day while it is written.

    What is built on them must be taken in the stage that writes: nothing shuffles after it. Spark adds up each task of
    that stage once, however often it was tried; a stage before a shuffle adds up again what is computed again.
    """
    seen = Observation()
    labels = {day: {name: f"{day} {name}" for name in aggregates} for day, aggregates in of_each.items()}
    columns = (
        each.alias(labels[day][name]) for day, aggregates in of_each.items() for name, each in aggregates.items()
    )
    return frame.observe(seen, *columns), DayCounts(seen, labels)


def added_up(
    frame: DataFrame, of_day: str, days: Sequence[date], columns: Sequence[str]
) -> tuple[DataFrame, DayCounts]:
    """Return the same frame, adding up some columns for each day while it is written (`observed`).

    `of_day` is the column that says which day a row is for.
    """

    def total(day: date, name: str) -> Column:
        return F.coalesce(F.sum(F.when(F.col(of_day) == F.lit(day), F.col(name))), F.lit(0))

    return observed(frame, {day: {name: total(day, name) for name in columns} for day in days})
