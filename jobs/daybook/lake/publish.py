"""Publishing batches: attempt, audit, copy, one conditional PUT, clean up.

A batch becomes live by a single conditional write of its manifest. Whatever is killed before leaves the old
version live; whatever comes second sees that it lost.

    publication = Publication(store, batches)
    for attempt in publication.tries():
        with attempt:
            attempt.propose({batch: draft(attempt, live) for batch, live in attempt.lives.items()})
    publication.outcomes
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from daybook.errors import DataError, DaybookError, DayError, RetryableError, UsageError
from daybook.failures import java
from daybook.lake import manifest as manifests
from daybook.lake.attempt import Attempt, Draft
from daybook.lake.commit import commit
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.store import Store
from daybook.log import log

TRIES = 3


@dataclass(frozen=True)
class Published:
    """What became of a batch: what is live, what was live before, and whether this run has changed it."""

    batch: Batch
    live: Live
    replaced: Live | None
    changed: bool


# What is proposed for a batch: a draft, None when what is live is to stay, or why there is neither.
Proposal = Draft | DaybookError | None
Outcomes = Mapping[Batch, Published | DaybookError]


class Publication:
    """Some batches, published in one pass: each has a manifest of its own, and is whole by itself."""

    def __init__(self, store: Store, batches: Sequence[Batch]) -> None:
        """Begin nothing yet: `tries` does."""
        self._store, self._batches = store, batches
        self._found: dict[Batch, Published | DaybookError] = {}
        self._failure: DaybookError | None = None

    @property
    def outcomes(self) -> Outcomes:
        """What became of each batch, in their order, once no try is left."""
        return {batch: self._found[batch] for batch in self._batches}

    def tries(self) -> Iterator["Try"]:
        """Try until each batch has its outcome: together; where that fails, each batch by itself.

        A batch whose live manifest cannot be understood is never tried. One that is lost to another run is tried
        again, without those that have their outcome, at most three times.

        Raises:
            RetryableError: a server is away.
        """
        waiting = self._batches
        for _ in range(TRIES):
            lives = self._lives(waiting)
            if lives:
                yield Try(self, self._store, lives)
            waiting = [batch for batch in self._batches if batch not in self._found]
            if self._failure or not waiting:
                break
        if self._failure:
            yield from self._one_by_one(self._failure)
        for batch in self._batches:
            if batch not in self._found:
                self._found[batch] = RetryableError(f"{batch}: lost the race to another run {TRIES} times")

    def _lives(self, batches: Sequence[Batch]) -> dict[Batch, Live | None]:
        """Read the live manifests of the batches; what cannot be understood is noted as their outcome."""
        try:
            lives, unread = manifests.understood(self._store, batches)
        except Exception as error:
            if not self.survives(error):
                raise
            return {}
        self._found |= unread
        return lives

    def _one_by_one(self, failure: DaybookError) -> Iterator["Try"]:
        log.info("%s and %d more days are made one by one now: %s", self._batches[0], len(self._batches) - 1, failure)
        for batch in self._batches:
            alone = Publication(self._store, [batch])
            yield from alone.tries()
            self._found[batch] = alone.outcomes[batch]

    def note(self, batch: Batch, outcome: Published | DaybookError) -> None:
        """Note what became of a batch."""
        self._found[batch] = outcome

    def survives(self, error: Exception) -> bool:
        """Note why a try failed; return whether the run goes on.

        It does where several batches failed, one by one; and beyond a single one that no retry helps, or whose failure
        is of its day alone.
        """
        explained = error if isinstance(error, DaybookError) else java.explained(error)
        if explained is None:
            return False
        if len(self._batches) > 1:
            self._failure = explained
            return True
        if not isinstance(explained, DataError | UsageError | DayError):
            return False
        self._found[self._batches[0]] = explained
        return True


class Try(Attempt):
    """An attempt at some batches; `lives` are their live manifests, read before any input.

    A failure inside its `with` block ends this try, and the run only where `Publication.survives` says so.
    """

    def __init__(self, publication: Publication, store: Store, lives: Mapping[Batch, Live | None]) -> None:
        """Take an id of its own."""
        super().__init__(store)
        self.lives, self._publication = lives, publication

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Take the attempt's folders away; return whether the run survives the failure."""
        try:
            super().__exit__(kind, error, trace)
        except Exception as cleaning:
            if self._publication.survives(cleaning):
                return True
            raise
        return isinstance(error, Exception) and self._publication.survives(error)

    def propose(self, proposals: Mapping[Batch, Proposal]) -> None:
        """Make the drafts live, one by one; a batch that another run was first with has no outcome yet."""
        for batch, proposal in proposals.items():
            live = self.lives[batch]
            if isinstance(proposal, DaybookError):
                self._publication.note(batch, proposal)
            elif proposal is None:
                assert live is not None, "a batch that was never published needs a draft"
                self._publication.note(batch, Published(batch, live, live, changed=False))
            elif now := commit(batch, self, live, proposal):
                self._publication.note(batch, Published(batch, now, live, changed=True))
