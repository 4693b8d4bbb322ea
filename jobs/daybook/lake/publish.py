"""Publishing a batch: attempt, audit, copy, one conditional PUT, clean up.

A batch becomes live by a single conditional write of its manifest. Whatever is killed before leaves the old
version live; whatever comes second sees that it lost.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from daybook import code_version
from daybook.errors import DaybookError, RetryableError
from daybook.lake import manifest as manifests
from daybook.lake.attempt import Attempt, Draft, DraftTable, Staged, tidy
from daybook.lake.manifest import File, Live, Manifest, TableEntry
from daybook.lake.paths import Batch
from daybook.lake.store import ConflictError, Store, UnknownOutcomeError

TRIES = 3
_COPIES_AT_ONCE = 8


Make = Callable[[Attempt, Live | None], Draft | None]
Outcome = Draft | DaybookError | None
MakeAll = Callable[[Attempt, Mapping[Batch, Live | None]], Mapping[Batch, Outcome]]


@dataclass(frozen=True)
class Published:
    """What became of a batch: what is live, what was live before, and whether this run has changed it."""

    batch: Batch
    live: Live
    replaced: Live | None
    changed: bool


def publish(store: Store, batch: Batch, make: Make) -> Published:
    """Publish what `make` drafts.

    `make` gets the live manifest, read before any input, and returns None when it is to stay.

    Raises:
        RetryableError: other runs published this batch each time in between.
    """
    [outcome] = publish_together(store, [batch], lambda attempt, lives: {batch: make(attempt, lives[batch])})
    if isinstance(outcome, DaybookError):
        raise outcome
    return outcome


def publish_together(store: Store, batches: Sequence[Batch], make: MakeAll) -> list[Published | DaybookError]:
    """Publish what `make` drafts for the batches in one pass: each has a manifest of its own, and is whole by itself.

    `make` gets the live manifests, read before any input. For each batch it returns a draft, None when what is live
    is to stay, or why there is none; that stops this batch alone. So does a live manifest that cannot be understood:
    `make` never hears of its batch. A batch lost to another run is made again without the others. Returns what became
    of each, in their order.
    """
    outcomes: dict[Batch, Published | DaybookError] = {}
    waiting = list(batches)
    for _ in range(TRIES):
        lives, unread = manifests.understood(store, waiting)
        outcomes |= unread
        with Attempt(store) as attempt:
            for batch, draft in (make(attempt, lives) if lives else {}).items():
                if found := _outcome(store, batch, attempt, lives[batch], draft):
                    outcomes[batch] = found
        waiting = [batch for batch in waiting if batch not in outcomes]
        if not waiting:
            break
    lost = {b: RetryableError(f"{b}: lost the race to another run {TRIES} times") for b in waiting}
    return [(outcomes | lost)[batch] for batch in batches]


def _outcome(
    store: Store, batch: Batch, attempt: Attempt, live: Live | None, draft: Outcome
) -> Published | DaybookError | None:
    """What becomes of a batch; None when another run was first."""
    if isinstance(draft, DaybookError):
        return draft
    if draft is None:
        assert live is not None, "a batch that was never published needs a draft"
        return Published(batch, live, live, changed=False)
    now = _commit(store, batch, attempt, live, draft)
    return Published(batch, now, live, changed=True) if now else None


def _commit(store: Store, batch: Batch, attempt: Attempt, live: Live | None, draft: Draft) -> Live | None:
    """Make the draft live; None when another run was first."""
    try:
        copied = {name: _copied(store, attempt, table) for name, table in draft.tables.items()}
    except BaseException:
        # What was copied bears a live file's name: a plain glob would read it.
        tidy(store, batch.owns, partial(_live_names, attempt, draft))
        raise
    new = Manifest(
        layer=batch.layer,
        batch=batch.name,
        ds=str(batch.day),
        attempt=attempt.id,
        version=live.manifest.version + 1 if live else 1,
        published_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        tables={**draft.kept, **copied},
        inputs=draft.inputs,
        complete=draft.complete,
        code_version=code_version(),
        versions=draft.versions,
        seconds=round(time.monotonic() - attempt.started, 3),
        origin=draft.origin,
    )
    return _put(store, batch, live, new)


def _put(store: Store, batch: Batch, live: Live | None, new: Manifest) -> Live | None:
    """Write the manifest if `live` is still live, and take away what cannot be live any more.

    Returns what is live then, or None when another run was first. A lost reply leaves that to a look; and by then yet
    another run may have replaced ours.

    Raises:
        DaybookError: the store refuses the manifest, or nobody knows whether it took it, and `live` is still live.
    """
    problem: ConflictError | UnknownOutcomeError | None = None
    try:
        store.put_if_unchanged(batch.manifest, new.to_json(batch.root), live.etag if live else None)
    except (ConflictError, UnknownOutcomeError) as error:
        problem = error
    except DaybookError:
        tidy(store, batch.owns, lambda: new.own_files)
        raise
    now = manifests.read(store, batch)
    named = set(now.manifest.all_files) if now else set()
    # Once another manifest is live, a write made for the old one, its reply lost or not, can take effect no more.
    moved_on = now is not None and (live is None or now.etag != live.etag)
    dead = live.manifest.all_files if live and moved_on else []
    dead += new.own_files if isinstance(problem, ConflictError) or moved_on else []
    tidy(store, batch.owns, lambda: [name for name in dead if name not in named])
    if not problem or (now and now.manifest.attempt == new.attempt):
        return now
    if not moved_on and (now or not live):
        raise problem
    return None


def _live_names(attempt: Attempt, draft: Draft) -> list[str]:
    """The final names of everything drafted."""
    staged = [s for table in draft.tables.values() for s in (table.staged, table.rejected) if s]
    return [s.dataset.live_file(attempt.id, number) for s in staged for number in range(len(s.files))]


def _copied(store: Store, attempt: Attempt, table: DraftTable) -> TableEntry:
    """Copy a table's staged files under their final names."""
    files, rejected = (_copy_files(store, attempt, staged) for staged in (table.staged, table.rejected))
    return TableEntry(
        files=files,
        rows=table.staged.rows,
        schema=table.staged.schema,
        ledger=table.ledger,
        seconds=round(sum(s.seconds for s in (table.staged, table.rejected) if s), 3),
        rejected_files=rejected,
    )


def _copy_files(store: Store, attempt: Attempt, staged: Staged | None) -> tuple[File, ...]:
    if staged is None:
        return ()
    named = [
        (file, File(staged.dataset.live_file(attempt.id, number), file.bytes, file.rows))
        for number, file in enumerate(staged.files)
    ]
    with ThreadPoolExecutor(_COPIES_AT_ONCE) as pool:
        list(pool.map(lambda pair: store.copy(pair[0].name, pair[1].name), named))
    return tuple(live for _, live in named)
