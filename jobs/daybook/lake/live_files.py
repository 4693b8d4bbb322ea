"""The files that a live manifest names, held against what is stored."""

from daybook.errors import DataError, RetryableError
from daybook.lake import manifest
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.store import Store


def files_of(store: Store, batch: Batch, live: Live, table: str, *, rejected: bool = False) -> list[str]:
    """The names of a table's live files, or of its rejected rows, after a look that they are there as promised.

    Raises:
        RetryableError: they are not, because somebody replaced the batch since the manifest was read.
        DataError: they are not, though the manifest still names them.
    """
    entry = live.manifest.tables[table]
    files = entry.rejected_files if rejected else entry.files
    found: dict[str, int] = {}
    for folder in {file.name.rpartition("/")[0] for file in files}:
        found |= store.sizes(folder)
    for file in files:
        if found.get(file.name) != file.bytes:
            now = manifest.read(store, batch)
            if now is None or now.etag != live.etag:
                raise RetryableError(f"{batch}: {file.name} was replaced while reading")
            state = f"has {found[file.name]:,} bytes" if file.name in found else "is missing"
            again = f"--table {table} {'--refresh' if batch.layer == 'bronze' else '--force'}"
            line = f"{file.name} {state}; its manifest promises {file.bytes:,} bytes"
            raise DataError(line, then=f"restore it, or {batch.command} {again}")
    return [file.name for file in files]


def check_files(store: Store, batch: Batch, live: Live, table: str) -> None:
    """See that all of a table's files are there as promised, those of rejected rows, too.

    Raises:
        RetryableError, DataError: they are not, as with `files_of`.
    """
    for rejected in (False, True):
        files_of(store, batch, live, table, rejected=rejected)
