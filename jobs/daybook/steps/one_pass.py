"""Several days of a table in one pass: what stops it is found, and stops its own day alone."""

from collections.abc import Iterable, Iterator, Sequence

from daybook.errors import DataError, DaybookError, UsageError, foremost
from daybook.failures import java
from daybook.lake.paths import Batch
from daybook.lake.publish import MakeAll, Published, publish_together
from daybook.lake.store import Store
from daybook.log import log

Outcomes = list[Published | DaybookError]


def publish_pass(store: Store, batches: Sequence[Batch], make: MakeAll) -> Outcomes:
    """Publish what `make` drafts for the batches; where it fails for several, for each by itself.

    Returns what became of each: a failure that no retry helps stops its own batch alone.

    Raises:
        RetryableError: a server is away.
    """
    try:
        return publish_together(store, batches, make)
    except Exception as error:
        explained = error if isinstance(error, DaybookError) else java.explained(error)
        if explained is None or (len(batches) == 1 and not isinstance(explained, DataError | UsageError)):
            raise
    if len(batches) == 1:
        return [explained]
    log.info("%s and %d more days are made one by one now: %s", batches[0], len(batches) - 1, explained)
    return [outcome for batch in batches for outcome in publish_pass(store, [batch], make)]


def each(passes: Iterable[Outcomes]) -> Iterator[Published]:
    """What was published, one by one.

    Raises:
        DaybookError: at the end, if a batch was not.
    """
    failures = []
    for outcomes in passes:
        for outcome in outcomes:
            if isinstance(outcome, DaybookError):
                failures.append(outcome)
            else:
                yield outcome
    if failures:
        raise foremost(failures)
