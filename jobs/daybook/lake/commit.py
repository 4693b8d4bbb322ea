"""Making a draft live: copy, one conditional PUT of the manifest, clean up."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from daybook import code_version
from daybook.errors import DaybookError
from daybook.lake import manifest as manifests
from daybook.lake.attempt import Attempt, Draft, DraftTable, Staged, tidy
from daybook.lake.manifest import File, Live, Manifest, TableEntry
from daybook.lake.objects import ConflictError, UnknownOutcomeError
from daybook.lake.paths import Batch
from daybook.lake.store import Store

_COPIES_AT_ONCE = 8


def commit(batch: Batch, attempt: Attempt, live: Live | None, draft: Draft) -> Live | None:
    """Make the draft live in the place of `live`; None when another run was first.

    Raises:
        DaybookError: a copy failed, the store refuses the manifest, or nobody knows whether it took it.
    """
    try:
        copied = {name: _copied(attempt, table) for name, table in draft.tables.items()}
    except BaseException:
        # What was copied bears a live file's name: a plain glob would read it.
        tidy(attempt.store, batch.owns, partial(_live_names, attempt, draft))
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
    return _put(attempt.store, batch, live, new)


def _put(store: Store, batch: Batch, live: Live | None, new: Manifest) -> Live | None:
    """Write the manifest if `live` is still live, and take away what cannot be live any more.

    Returns what is live then, or None when another run was first. A lost reply leaves that to a look; and by then yet
    another run may have replaced ours.

    Raises:
        DaybookError: the store refuses the manifest, or nobody knows whether it took it, and `live` is still live.
    """
    problem = _write(store, batch, live, new)
    now = manifests.read(store, batch)
    # Once another manifest is live, a write made for the old one, its reply lost or not, can take effect no more.
    moved_on = now is not None and (live is None or now.etag != live.etag)
    dead = live.manifest.all_files if live and moved_on else []
    if moved_on or isinstance(problem, ConflictError):
        dead += new.own_files
    tidy(store, batch.owns, partial(_unnamed, dead, now))
    if problem is None or (now and now.manifest.attempt == new.attempt):
        return now
    if moved_on or (live and not now):
        return None
    raise problem


def _unnamed(files: Sequence[str], live: Live | None) -> list[str]:
    """Those of the files that what is live does not name."""
    named = set(live.manifest.all_files) if live else set()
    return [name for name in files if name not in named]


def _write(store: Store, batch: Batch, live: Live | None, new: Manifest) -> ConflictError | UnknownOutcomeError | None:
    """Write the manifest if `live` is still live; return why that did not happen, or may not have.

    Raises:
        DaybookError: the store refuses the manifest; what it names is taken away.
    """
    try:
        store.put_if_unchanged(batch.manifest, new.to_json(batch.root), live.etag if live else None)
    except (ConflictError, UnknownOutcomeError) as error:
        return error
    except DaybookError:
        tidy(store, batch.owns, lambda: new.own_files)
        raise
    return None


def _live_names(attempt: Attempt, draft: Draft) -> list[str]:
    """The final names of everything drafted."""
    staged = [s for table in draft.tables.values() for s in (table.staged, table.rejected) if s]
    return [s.dataset.live_file(attempt.id, number) for s in staged for number in range(len(s.files))]


def _copied(attempt: Attempt, table: DraftTable) -> TableEntry:
    """Copy a table's staged files under their final names."""
    files, rejected = (_copy_files(attempt, staged) for staged in (table.staged, table.rejected))
    return TableEntry(
        files=files,
        rows=table.staged.rows,
        schema=table.staged.schema,
        ledger=table.ledger,
        seconds=round(sum(s.seconds for s in (table.staged, table.rejected) if s), 3),
        rejected_files=rejected,
    )


def _copy_files(attempt: Attempt, staged: Staged | None) -> tuple[File, ...]:
    if staged is None:
        return ()
    named = [
        (file, File(staged.dataset.live_file(attempt.id, number), file.bytes, file.rows))
        for number, file in enumerate(staged.files)
    ]
    with ThreadPoolExecutor(_COPIES_AT_ONCE) as pool:
        list(pool.map(lambda pair: attempt.store.copy(pair[0].name, pair[1].name), named))
    return tuple(live for _, live in named)
