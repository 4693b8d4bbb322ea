"""Which days the demonstration shows: the last three, so that its newest page is not overdue; or three fixed ones."""

from collections.abc import Mapping
from datetime import date, timedelta

from local.seed.options import OLDEST_START, newest_start
from toolchain.report import LocalError

DAYS = 3
NAME = "DEMO_DAYS"


class WrongDays(LocalError):
    """DEMO_DAYS names no days that can be shown."""

    exit_code = 2


def first_day(environment: Mapping[str, str]) -> date:
    """The first of the three days: what DEMO_DAYS names, or of the last three that have happened.

    Raises:
        WrongDays: it is no date, or its three days have not all ended.
    """
    newest = newest_start(DAYS)
    given = environment.get(NAME)
    if not given:
        return newest
    try:
        first = date.fromisoformat(given)
    except ValueError:
        first = date.max
    if not OLDEST_START <= first <= newest:
        last = "" if first == date.max else f" to {first + timedelta(days=DAYS - 1)}"
        raise WrongDays(
            f"{NAME}={given}{last}: name the first of {DAYS} days that have ended, between {OLDEST_START} and {newest};"
            f" next: make demo {NAME}=2025-03-01"
        )
    return first
