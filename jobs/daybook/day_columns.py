"""The day in Spark's columns: whether a moment is within days, and on which day it is.

The bounds are instants made by `days`, so that no plan depends on the zone of a machine.
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
