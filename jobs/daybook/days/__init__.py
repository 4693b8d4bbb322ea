"""The day: where it begins and ends, its neighbours, today. Nothing else of Daybook knows what a day is.

A day is named by its date. It runs from its first instant in UTC to the first of the next day. `days.columns` says the
same in Spark's columns.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

# The days that may be asked for: no row older than 2000 is ever kept, and a day needs days before and after it.
FIRST, LAST = date(2000, 1, 1), date(9998, 12, 31)


def begins(day: date) -> datetime:
    """The first instant of the day."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def ends(day: date) -> datetime:
    """The first instant that is no more of the day."""
    return begins(shifted(day, 1))


def of(instant: datetime) -> date:
    """The day that an instant lies in."""
    return instant.astimezone(UTC).date()


def today() -> date:
    """The day that has begun and not ended."""
    return datetime.now(UTC).date()


def shifted(day: date, by: int) -> date:
    """The day so many days later; earlier, if the number is negative."""
    return day + timedelta(days=by)


def through(first: date, last: date) -> list[date]:
    """The days from the first to the last, both included."""
    return [shifted(first, by) for by in range((last - first).days + 1)]


def around(days: Iterable[date], offsets: Iterable[int]) -> list[date]:
    """The days that lie so many days away from one of `days`, in order, each once."""
    away = list(offsets)
    return sorted({shifted(day, by) for day in days for by in away})


def sql(instant: datetime, *, zoned: bool) -> str:
    """An instant as SQL writes it: in UTC, with its zone if `zoned`, as a column without one compares it."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}{'+00' if zoned else ''}"
