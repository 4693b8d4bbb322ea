"""What is said of a night, and when: text alone, no Airflow and no server."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from daybook_tasks import places
from daybook_tasks.results import PageVerdict, worst

ALWAYS = "always"


@dataclass(frozen=True)
class Night:
    """A night that has ended: its days, the tasks that failed with the command that continues, and the days' verdicts.

    A day without a page has None; where no page was made, there is no verdict at all.
    """

    first: str
    last: str
    failed: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[str, PageVerdict | None] = field(default_factory=dict)

    @property
    def bad(self) -> list[str]:
        """The days without a page, or whose page is red or warns, in order."""
        return [day for day, verdict in sorted(self.verdicts.items()) if verdict is None or not verdict.is_good]

    @property
    def day(self) -> str:
        """The day that the message is about."""
        return worst(self.verdicts) if self.verdicts else self.last

    @property
    def verdict(self) -> PageVerdict | None:
        """That day's."""
        return self.verdicts.get(self.day)

    @property
    def is_good(self) -> bool:
        """Whether every task ended well, and each page is there and warns of nothing."""
        return not self.failed and bool(self.verdicts) and not self.bad


def of(night: Night, notify: str) -> tuple[str, str] | None:
    """Subject and text of the night's message; None: nothing to say, unless `notify` is `always`."""
    if night.is_good and notify != ALWAYS:
        return None
    days = night.first if night.first == night.last else f"{night.first} to {night.last}"
    return f"Daybook {days}: {_headline(night)}", "\n".join(_lines(night))


def settings() -> tuple[str, str]:
    """The connection that carries messages (DAYBOOK_NOTIFY_CONN), and when one is sent (DAYBOOK_NOTIFY)."""
    return os.environ.get("DAYBOOK_NOTIFY_CONN") or "", os.environ.get("DAYBOOK_NOTIFY") or ""


def doubt(connection: str | None, notify: str) -> str | None:
    """What is wrong with the settings of the message, if anything is."""
    if notify not in ("", ALWAYS):
        return f"DAYBOOK_NOTIFY={notify!r} is not {ALWAYS!r}: a good night is not told of"
    if notify and not connection:
        return f"DAYBOOK_NOTIFY={notify} sends nothing: DAYBOOK_NOTIFY_CONN names no connection"
    return None


def _headline(night: Night) -> str:
    verdict = _of_its_day(night, night.verdict.headline if night.verdict else "The day's page could not be made.")
    return f"{verdict} Failed: {', '.join(night.failed)}" if night.failed else verdict


def _of_its_day(night: Night, said: str) -> str:
    """What is said of one day of several names it."""
    return f"{night.day}: {said}" if night.first != night.last and night.verdicts else said


def _lines(night: Night) -> list[str]:
    no_page = "The day's page could not be made: see the log of task page."
    lines = [_of_its_day(night, night.verdict.headline if night.verdict else no_page)]
    lines += [f"- {reason}" for reason in night.verdict.reasons] if night.verdict else []
    others = [day for day in night.bad if day != night.day]
    lines += [f"not good, either: {', '.join(others)}"] if others else []
    lines += [f"failed: {task} (the last line of its log says why)" for task in night.failed]
    lines += [f"next: {_next(night)}"] if _next(night) else []
    lines += [f"page: {places.page(night.day)}"] if night.verdict else []
    return lines


def _next(night: Night) -> str | None:
    """What a red page says, which has looked at what is there; else how the first failed task continues."""
    told = night.verdict.next if night.verdict else None
    if night.verdict and night.verdict.state == "red" and told:
        return told
    return next(iter(night.failed.values()), told)
