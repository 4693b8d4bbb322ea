"""The day in Spark's columns: whether a moment is within days, on which day it is, where the days of a column begin.

The bounds of a known day are instants made by `days`. A UTC day has always as many microseconds: counting them costs
a fraction of what Spark's own conversions do, which ask a time zone for each value.
"""

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

from daybook import days

_MICROSECONDS = 86_400_000_000


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
    """The UTC day on which the moment is, as a date."""
    since_1970 = F.unix_micros(moment)
    begun = since_1970 - F.pmod(since_1970, F.lit(_MICROSECONDS))
    return F.date_from_unix_date(F.call_function("div", begun, F.lit(_MICROSECONDS)).cast("int"))


def beginning(day: Column) -> Column:
    """The first instant of each of the days of a column."""
    return F.timestamp_micros(F.unix_date(day) * _MICROSECONDS)


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
