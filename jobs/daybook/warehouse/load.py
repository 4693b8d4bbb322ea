"""One load: what changed in gold, into a new file, proven, swapped in."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import RetryableError, UsageError
from daybook.lake.store import Store
from daybook.log import log, size
from daybook.warehouse import changes, current, files, history
from daybook.warehouse.build import build
from daybook.warehouse.changes import Gold
from daybook.warehouse.history import Load
from daybook.warehouse.tabledays import Fetched, TableDay, Version, version_of
from daybook.warehouse.verify import verify


def load(
    store: Store, root: str, path: Path, tables: Sequence[GoldTable], days: Sequence[date], *, rebuild: bool = False
) -> bool:
    """Bring the warehouse of `tables` at `path` up to gold around `days`, or make it anew from all of gold.

    Returns whether the file was replaced. What is live stays live until its successor is whole and proven.

    Raises:
        UsageError: the place cannot be written to, or the file there is not a warehouse of ours.
        RetryableError: gold is not there yet, another load is at work, or a server or the disk failed.
        DataError: gold's files do not hold what its manifests promise.
    """
    started = time.monotonic()
    path = path.absolute()
    with files.explained(path):
        path = path.resolve()  # the successor of a linked file belongs beside the file, not beside the link
        if path.is_dir():
            raise UsageError(f"warehouse {path}: is a folder", then="set DUCKDB_PATH to a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.exclusive(path):
            files.remove_leftovers(path)
            ours, past = _past(path, tables, rebuild)
            in_gold = _in_gold(store, root, tables, days, rebuild)
            loaded = history.current(past)
            changed = changes.changed(in_gold, {} if rebuild else loaded)
            if not changed:
                log.info("load_duckdb done: already loaded, nothing in gold has changed: %s", path)
                return False
            with files.workspace(path) as folder:
                fetched = changes.fetch(store, root, changed, folder)
                totals = replace(path, tables, fetched, past, folder, rebuild=rebuild, ours=ours)
    _report(changed, loaded, rebuild)
    rows = ", ".join(f"{table} {count:,} rows" for table, count in totals.items())
    seconds, bytes_ = time.monotonic() - started, size(path.stat().st_size)
    log.info("load_duckdb done: %s holds %s; %s, %.1f s", path, rows, bytes_, seconds)
    return True


def replace(
    path: Path,
    tables: Sequence[GoldTable],
    fetched: Sequence[Fetched],
    past: Sequence[Load],
    folder: Path,
    *,
    rebuild: bool,
    ours: bool = True,
) -> dict[str, int]:
    """Build, prove and swap in the successor of `path`; returns the rows of each table.

    `past` is the load history so far; `folder` is private, on the disk of `path`; `ours` says whether the file
    there, if any, may be lost.

    Raises:
        UsageError: the rights of the old file cannot be given to the new one; the old one stays.
        DataError: the new file is not what the manifests promise; the old one stays.
        RetryableError: disk or memory failed; the old one stays.
    """
    kept_from = path if path.exists() and not rebuild else None
    now = datetime.now(UTC).replace(tzinfo=None)
    target = folder / "next.duckdb"
    build(target, tables, kept_from, fetched, history.after(past, fetched, now, rebuild=rebuild), folder)
    totals = verify(target, tables, fetched)
    if path.exists() and not ours:
        files.set_aside(path)
    files.swap_in(target, path)
    return totals


def _past(path: Path, tables: Sequence[GoldTable], rebuild: bool) -> tuple[bool, list[Load]]:
    """Whether the file there is ours, and its load history; a rebuild does not ask for its tables."""
    try:
        return True, current.read(path, () if rebuild else tables) or []
    except current.ForeignFileError:
        if rebuild:
            return False, []
        raise


def _in_gold(store: Store, root: str, tables: Sequence[GoldTable], days: Sequence[date], rebuild: bool) -> Gold:
    if not rebuild:
        found = changes.published(store, root, changes.around(days, tables))
        changes.require(found, days, tables)
        return found
    found = changes.published(store, root, changes.everything(store, root, tables))
    if not found:
        # An empty warehouse in place of a full one is never what was meant.
        raise RetryableError(f"nothing is published under {root}", then=commands.GOLD_OF_SOME_DAY)
    return found


def _report(changed: Gold, loaded: Mapping[TableDay, Version], rebuild: bool) -> None:
    """One line per table-day that changed."""
    versions = {of: version_of(live, of.table) for of, live in changed.items()}
    for of, version in sorted(versions.items(), key=lambda item: item[0]):
        if version != loaded.get(of):  # a rebuild loads again what was there already
            was = f", was {loaded[of].number}" if of in loaded else ""
            log.info(
                "duckdb %-28s %s  %11s rows  version %d%s", of.table, of.day, f"{version.rows:,}", version.number, was
            )
    for of in sorted(loaded.keys() - changed.keys() if rebuild else ()):
        log.warning("%s: no longer in gold, and now not in the warehouse either", of)
