"""Lengths of time, counted in microseconds: Spark's own difference of two moments asks a time zone for each of them."""

from datetime import timedelta

from pyspark.sql import Column
from pyspark.sql import functions as F


def between(start: Column, end: Column) -> Column:
    """Give the interval day to second from one moment to another: negative if `end` is earlier, NULL if one is NULL."""
    return interval(F.unix_micros(end) - F.unix_micros(start))


def interval(microseconds: Column) -> Column:
    """Give the interval day to second of so many microseconds, exact."""
    return F.lit(timedelta(microseconds=1)) * microseconds


def no_time() -> Column:
    """Give the interval day to second of no length."""
    return F.lit(timedelta(0))
