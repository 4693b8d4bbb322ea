"""The day in Spark's columns: whether a moment is within days, on which day it is, where the days of a column begin.

The bounds of a known day are instants made by `days`.
"""

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

from daybook import days


def begins(day: date) -> Column:
    """The first instant of the day."""
    return F.lit(days.begins(day))


def ends(day: date) -> Column:
    """The first instant that is no more of the day."""
    return F.lit(days.ends(day))


def within(moment: Column, first: date, last: date) -> Column:
    """Whether the moment is on one of the days from the first to the last; NULL if it is NULL."""
    return (moment >= begins(first)) & (moment < ends(last))


def day_of(moment: Column) -> Column:
    """The day on which the moment is, as a date; in the session's zone, which is UTC."""
    return F.to_date(moment)


def beginning(day: Column) -> Column:
    """The first instant of each of the days of a column."""
    return day.cast("timestamp")


def following(day: Column) -> Column:
    """The day after each of the days of a column."""
    return F.date_add(day, 1)


def days_from(moment: Column, further: int) -> Column:
    """The day of the moment and so many days after it, as an array."""
    return F.sequence(day_of(moment), F.date_add(day_of(moment), further))


def by_day(values: Mapping[date, str], day: str) -> str:
    """A value for each day, as SQL over a column of days; NULL for any other, unless all have the same value."""
    days_of: dict[str, list[date]] = {}
    for each, value in values.items():
        days_of.setdefault(value, []).append(each)
    if len(days_of) == 1:
        return next(iter(days_of))
    cases = (f"WHEN {day} IN ({', '.join(f'DATE {str(d)!r}' for d in ds)}) THEN {v}" for v, ds in days_of.items())
    return f"CASE {' '.join(cases)} END"
