"""Several days of a table in one pass: what stops it is found, and stops its own day alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from daybook.errors import DataError, DaybookError, DayError, UsageError, foremost
from daybook.failures import java
from daybook.lake.paths import Batch
from daybook.lake.publish import MakeAll, Published, publish_together
from daybook.lake.store import Store
from daybook.log import log

Outcomes = Mapping[Batch, Published | DaybookError]
MayFail = Callable[[Batch, DaybookError], bool]


def publish_pass(store: Store, batches: Sequence[Batch], make: MakeAll) -> Outcomes:
    """Publish what `make` drafts for the batches; where it fails for several, for each by itself.

    Returns what became of each: a failure that no retry helps, or that is of one day, stops its own batch alone.

    Raises:
        RetryableError: a server is away.
    """
    try:
        return dict(zip(batches, publish_together(store, batches, make), strict=True))
    except Exception as error:
        explained = error if isinstance(error, DaybookError) else java.explained(error)
        if explained is None or (len(batches) == 1 and not isinstance(explained, DataError | UsageError | DayError)):
            raise
    if len(batches) == 1:
        return {batches[0]: explained}
    log.info("%s and %d more days are made one by one now: %s", batches[0], len(batches) - 1, explained)
    return {batch: outcome for one in batches for batch, outcome in publish_pass(store, [one], make).items()}


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
