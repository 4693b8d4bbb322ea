"""How far a source is: up to when it shows what was committed there. A day is complete once that is late enough.

A source is asked before anything is read: what it says later could be true of rows that the read has not seen.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from daybook.days import ends
from daybook.errors import RetryableError
from daybook.log import log

_WAIT = timedelta(seconds=60)
_LOOK_EVERY_SECONDS = 1.0
_TOLERANCE = timedelta(seconds=60)
_WHOSE_CLOCK = "see which of the two clocks is wrong and set it right, then run the same command again"


@dataclass(frozen=True)
class Reach:
    """Up to when a source shows what was committed there; `until` is None if it cannot say.

    `said` tells it to a person, with the source's name; `then` is how it gets further. `differ` names both clocks, if
    the source's and this machine's are more than a minute apart.
    """

    until: datetime | None
    said: str
    then: str
    differ: str | None = None

    def covers(self, day: date, settle: timedelta) -> bool:
        """Whether the day is complete at the source: it has ended, and its late writes have had their time."""
        return self.until is not None and self.until >= ends(day) + settle

    def short_of(self, day: date, settle: timedelta) -> RetryableError:
        """The failure that the source is not far enough for the day."""
        return RetryableError(f"{self.said}; {day} needs {written(ends(day) + settle)}", then=self.then)


def by_clock(where: str, there: datetime) -> Reach:
    """The reach of a source whose own clock says `there`. Of it and this machine's clock the earlier one counts."""
    here = datetime.now(UTC)
    told = f"its clock says {written(there)}" if there <= here else f"this machine's clock says {written(here)}"
    differ = f"{where}: its clock says {written(there)}, this machine's {written(here)}"
    apart = abs(here - there) > _TOLERANCE
    return Reach(min(here, there), f"{where}: {told}", _WHOSE_CLOCK, differ if apart else None)


def awaited(look: Callable[[], Reach], day: date, settle: timedelta) -> Reach:
    """The reach of a source, which gets a minute if it is that near: clocks differ by seconds, a standby lags by some.

    Return what it was at the last look.
    """
    needed, deadline = ends(day) + settle, time.monotonic() + _WAIT.total_seconds()
    found = look()
    if _is_near(found, needed):
        log.info("  … waiting, a minute at most, until it is %s there; %s", written(needed), found.said)
    while _is_near(found, needed) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_SECONDS)
        found = look()
    return found


def _is_near(found: Reach, needed: datetime) -> bool:
    return found.until is not None and timedelta(0) < needed - found.until <= _WAIT


def written(instant: datetime) -> str:
    """An instant as a person reads it."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
