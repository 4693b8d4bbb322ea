"""The day by the real clock, for what looks at it more than once: midnight does not pass in between."""

import time
from datetime import UTC, date, datetime, timedelta

from daybook import days


def today_for(minutes: int) -> date:
    """The UTC day, which stays today for so many minutes: one that is nearly over is waited out."""
    left = days.ends(days.today()) - datetime.now(UTC)
    if left < timedelta(minutes=minutes):
        time.sleep(left.total_seconds() + 1)
    return days.today()


def yesterday_for(minutes: int) -> date:
    """The day before, which stays yesterday for so many minutes."""
    return days.shifted(today_for(minutes), -1)
