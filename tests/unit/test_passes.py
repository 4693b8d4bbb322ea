"""Which days go together: small ones up to a bound, a big one alone, all of them once and in order."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from daybook.errors import DataError, RetryableError, UsageError, foremost
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcomes
from daybook.settings import Bounds
from daybook.steps.outcomes import each
from daybook.steps.passes import BIG, passes

FIRST = date(2025, 3, 1)
BOUNDS = Bounds(days=31, bytes=512_000_000)


def cut(*sizes: int, bounds: Bounds = BOUNDS) -> list[list[int]]:
    """The passes as numbers of days."""
    days = [FIRST + timedelta(days=n) for n in range(len(sizes))]
    return [[(day - FIRST).days for day in together] for together in passes(zip(days, sizes, strict=True), bounds)]


def test_small_days_go_together_and_a_big_one_alone() -> None:
    assert cut(1, BIG, 1) == [[0, 1, 2]]
    assert cut(BIG + 1) == [[0]]
    assert cut(BIG + 1, 1, BIG + 1, 1) == [[0], [2], [1, 3]]
    assert cut() == []


def test_a_pass_is_cut_at_its_bounds() -> None:
    assert [len(together) for together in cut(*[0] * 32)] == [31, 1]
    assert [len(together) for together in cut(*[BIG] * 9)] == [8, 1]
    assert cut(2, 2, 3, bounds=Bounds(days=31, bytes=1)) == [[0], [1], [2]]
    assert cut(2, 2, 3, bounds=Bounds(days=2, bytes=9)) == [[0, 1], [2]]


def test_of_several_failures_the_one_that_no_retry_helps_ends_the_run() -> None:
    failures = [RetryableError("a"), DataError("b"), DataError("c"), UsageError("d")]
    told = [foremost(failures[:number]) for number in (1, 3, 4)]
    assert [(error.exit_code, str(error)) for error in told] == [
        (1, "a"),
        (3, "b; 2 more failed"),
        (2, "d; 3 more failed"),
    ]


def test_a_failure_of_one_day_is_told_though_a_later_pass_ends_the_run(caplog: pytest.LogCaptureFixture) -> None:
    def outcomes() -> Iterator[Outcomes]:
        yield {Batch("bronze", "s3a://bronze", "users", FIRST): DataError("odd", "look")}
        raise RetryableError("the server is away")

    with pytest.raises(RetryableError, match="the server is away"):
        list(each(outcomes()))
    assert [record.getMessage() for record in caplog.records] == ["odd -- next: look"]
