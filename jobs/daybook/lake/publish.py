"""Publishing a batch: attempt, audit, copy, one conditional PUT, clean up.

A batch becomes live by a single conditional write of its manifest. Whatever is killed before leaves the old
version live; whatever comes second sees that it lost.
"""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from daybook import code_version
from daybook.errors import DaybookError, RetryableError
from daybook.lake import manifest as manifests
from daybook.lake.manifest import File, Live, Manifest, TableEntry
from daybook.lake.paths import Batch, Dataset
from daybook.lake.store import ConflictError, Store, UnknownOutcomeError
from daybook.runtime import log

TRIES = 3
_COPIES_AT_ONCE = 8


@dataclass(frozen=True)
class Staged:
    """What an attempt wrote for one dataset: complete, counted, not yet live."""

    dataset: Dataset
    folder: str
    files: tuple[File, ...]
    rows: int
    schema: dict[str, str]
    seconds: float


@dataclass(frozen=True)
class DraftTable:
    """One table of a draft: staged rows, staged rejected rows, and the ledger that balanced."""

    staged: Staged
    ledger: dict[str, Any]
    rejected: Staged | None = None


@dataclass(frozen=True)
class Draft:
    """All that is to become live together."""

    tables: dict[str, DraftTable]
    inputs: dict[str, Any]
    versions: dict[str, str]
    complete: bool = True


@dataclass
class Attempt:
    """One try at writing a batch: an id nobody else has, and the folders written under it."""

    store: Store
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: float = field(default_factory=time.monotonic)
    folders: list[str] = field(default_factory=list)

    def __enter__(self) -> "Attempt":
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the attempt's folders away, whatever became of it."""
        for folder in self.folders:
            _tidy(self.store, partial(self._left_in, folder))

    def _left_in(self, folder: str) -> list[str]:
        return list(self.store.sizes(folder))

    def folder(self, dataset: Dataset) -> str:
        """The folder this attempt may write the dataset into."""
        folder = dataset.attempt_folder(self.id)
        self.folders.append(folder)
        return folder


Make = Callable[[Attempt, Live | None], Draft | None]


def publish(store: Store, batch: Batch, make: Make) -> tuple[Live, bool]:
    """Publish what `make` drafts; returns what is live then, and whether this call changed it.

    `make` gets the live manifest, read before any input, and returns None when it is to stay.

    Raises:
        RetryableError: other runs published this batch each time in between.
    """
    for _ in range(TRIES):
        live = manifests.read(store, batch)
        with Attempt(store) as attempt:
            draft = make(attempt, live)
            if draft is None and live is not None:
                return live, False
            assert draft is not None, "a batch that was never published needs a draft"
            published = _commit(store, batch, attempt, live, draft)
        if published is not None:
            return published, True
    raise RetryableError(f"{batch}: lost the race to another run {TRIES} times", then="run the same command again")


def _commit(store: Store, batch: Batch, attempt: Attempt, live: Live | None, draft: Draft) -> Live | None:
    """Make the draft live; None when another run was first."""
    tables = {name: _copied(store, attempt, table) for name, table in draft.tables.items()}
    new = Manifest(
        layer=batch.layer,
        batch=batch.name,
        ds=str(batch.day),
        attempt=attempt.id,
        version=live.manifest.version + 1 if live else 1,
        published_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        tables=tables,
        inputs=draft.inputs,
        complete=draft.complete,
        code_version=code_version(),
        versions=draft.versions,
        seconds=round(time.monotonic() - attempt.started, 3),
    )
    refused = False
    try:
        store.put_if_unchanged(batch.manifest, new.to_json(), live.etag if live else None)
    except UnknownOutcomeError:
        pass  # what is live now decides
    except ConflictError:
        refused = True
    now = manifests.read(store, batch)
    if now is None or now.manifest.attempt != attempt.id:
        # A write with a lost reply may yet take effect: its files stay for the sweep.
        named = set(now.manifest.all_files) if now else set()
        _tidy(store, lambda: [name for name in new.all_files if refused and name not in named])
        return None
    if live:
        _tidy(store, lambda: live.manifest.all_files)
    return now


def _tidy(store: Store, names: Callable[[], list[str]]) -> None:
    """Delete what no manifest names. It harms nobody while it stays, so a failure here fails nothing."""
    try:
        store.delete(names())
    except DaybookError as error:
        log.warning("warning: files of an ended attempt stay behind: %s", error)


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
