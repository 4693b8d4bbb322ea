"""What became of the table-days of a run: those published one by one, the failures at the end."""

from collections.abc import Callable, Iterable, Iterator

from daybook.errors import DaybookError, foremost
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcomes, Published
from daybook.log import log

MayFail = Callable[[Batch, DaybookError], bool]


def each(passes: Iterable[Outcomes], may_fail: MayFail | None = None) -> Iterator[Published]:
    """What was published, one by one.

    A failure that the run `may_fail` with, because its batch was not what the run is for, is a warning.

    Raises:
        DaybookError: at the end, if another batch was not published.
    """
    failures: list[DaybookError] = []
    try:
        for outcomes in passes:
            for batch, outcome in outcomes.items():
                if isinstance(outcome, Published):
                    yield outcome
                elif may_fail and may_fail(batch, outcome):
                    log.warning("skipped %s -- next: %s", outcome, outcome.then)
                else:
                    failures.append(outcome)
    except Exception:  # the run ends with that one: the others are told here, or nowhere
        for failure in failures:
            log.warning("%s -- next: %s", failure, failure.then)
        raise
    if failures:
        raise foremost(failures)
