"""The day by the real clock, for what looks at it more than once: midnight does not pass in between."""

import time
from datetime import UTC, date, datetime, timedelta

from daybook import days


def today_for(minutes: int) -> date:
    """The UTC day, which stays today for so many minutes: one that is nearly over is waited out."""
    today = days.today()
    if days.ends(today) - datetime.now(UTC) < timedelta(minutes=minutes):
        while days.today() == today:
            time.sleep(1)
    return days.today()


def yesterday_for(minutes: int) -> date:
    """The day before, which stays yesterday for so many minutes."""
    return days.shifted(today_for(minutes), -1)
