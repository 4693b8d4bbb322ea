"""The day in Spark's columns: whether a moment is within days, on which day it is, where the days of a column begin.

The bounds of a known day are instants made by `days`.
"""

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
