"""How far a source is, and whether that makes a day complete: the earlier clock decides, and settling counts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from daybook.errors import RetryableError
from daybook.lake.paths import Batch
from daybook.sources import postgres_reach, reach
from daybook.sources.extraction import Asked
from daybook.sources.reach import Reach

DAY = date(2025, 3, 1)
SETTLED = datetime(2025, 3, 2, 0, 10, tzinfo=UTC)
SETTLE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)


class Clock(datetime):
    """This machine's."""

    here = SETTLED

    @classmethod
    def now(cls, _: object = None) -> datetime:  # type: ignore[override]
        return cls.here


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    """It stands still, until a test sets it."""
    monkeypatch.setattr(reach, "datetime", Clock)
    monkeypatch.setattr(Clock, "here", SETTLED)
    return Clock


def at(until: datetime | None) -> Reach:
    return Reach(until, f"server: {until}", "wait")


@pytest.mark.parametrize(
    ("until", "complete"),
    [(SETTLED, True), (SETTLED - timedelta(microseconds=1), False), (SETTLED - SETTLE, False), (None, False)],
)
def test_a_day_is_complete_when_the_source_shows_its_end_and_the_settling_after_it(
    until: datetime | None, complete: bool
) -> None:
    assert at(until).covers(DAY, SETTLE) is complete


@pytest.mark.parametrize("ahead", [timedelta(0), SECOND, timedelta(days=400)])
def test_of_two_clocks_the_earlier_one_decides(clock: type[Clock], ahead: timedelta) -> None:
    there = SETTLED - SECOND
    assert reach.by_clock("server", there).said == "server: its clock says 2025-03-02T00:09:59Z"
    assert reach.by_clock("server", there).until == there
    clock.here = there
    assert reach.by_clock("server", there + ahead).until == there
    if ahead:
        assert reach.by_clock("server", there + ahead).said == "server: this machine's clock says 2025-03-02T00:09:59Z"


@pytest.mark.parametrize(("seconds", "told"), [(0, False), (60, False), (61, True), (-60, False), (-61, True)])
def test_clocks_that_are_more_than_a_minute_apart_are_both_named(seconds: int, told: bool) -> None:
    there = SETTLED + seconds * SECOND
    line = f"server: its clock says {reach.written(there)}, this machine's 2025-03-02T00:10:00Z"
    assert reach.by_clock("server", there).differ == (line if told else None)


def test_a_standby_counts_by_what_it_has_replayed_and_not_by_a_primary_whose_clock_is_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres_reach, "datetime", Clock)
    assert postgres_reach.replayed("server", SETTLED - SECOND).until == SETTLED - SECOND
    assert postgres_reach.replayed("server", SETTLED + timedelta(hours=1)).until == SETTLED
    assert postgres_reach.replayed("server", None).until is None


class Passing:
    """Time passes only when somebody sleeps; the source is as far as it was told to be then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("daybook.sources.reach.time.monotonic", lambda: self.now)
        monkeypatch.setattr("daybook.sources.reach.time.sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("lacks", "speed", "waited"),
    [
        (0, 1, 0),  # far enough
        (-5, 1, 0),
        (1, 1, 1),
        (60, 1, 60),  # a clock that is behind by a minute gets it
        (61, 1, 0),  # one that is behind by more is told at once
        (5, 0, 60),  # a standby that stands still gets a minute, and no more
        (60, 4, 15),  # one that replays what it missed is quicker
    ],
)
def test_a_source_that_is_nearly_far_enough_gets_a_minute(
    monkeypatch: pytest.MonkeyPatch, lacks: int, speed: int, waited: int
) -> None:
    passing = Passing(monkeypatch)
    found = reach.awaited(lambda: at(SETTLED - (lacks - speed * passing.now) * SECOND), DAY, SETTLE)
    assert passing.now == waited
    assert found.covers(DAY, SETTLE) is (lacks <= speed * waited)


def test_a_source_that_cannot_say_how_far_it_is_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    passing = Passing(monkeypatch)
    assert reach.awaited(lambda: at(None), DAY, SETTLE).until is None
    assert passing.now == 0


def test_of_several_days_those_that_are_not_complete_are_refused_each_by_its_own_line() -> None:
    batches = [Batch("bronze", "s3a://b", "t", day) for day in (DAY, date(2025, 3, 2), date(2025, 3, 3))]
    asked = Asked(refresh=False, allow_incomplete=False, settle=SETTLE)
    refused = asked.refused(at(SETTLED), batches)
    assert {batch: str(error) for batch, error in refused.items()} == {
        batches[1]: f"server: {SETTLED}; 2025-03-02 needs 2025-03-03T00:10:00Z",
        batches[2]: f"server: {SETTLED}; 2025-03-03 needs 2025-03-04T00:10:00Z",
    }
    assert all(isinstance(error, RetryableError) and error.then == "wait" for error in refused.values())
    assert not Asked(refresh=False, allow_incomplete=True, settle=SETTLE).refused(at(None), batches)
