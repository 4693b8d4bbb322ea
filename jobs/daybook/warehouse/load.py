"""One load: what changed in gold, into a new file, proven, swapped in."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from daybook import commands, run_record
from daybook.contracts.gold_model import GoldTable
from daybook.errors import RetryableError, UsageError
from daybook.lake.store import Store
from daybook.log import log, size
from daybook.warehouse import book, changes, current, day_warnings, files, history
from daybook.warehouse.book import Book, layout
from daybook.warehouse.build import build
from daybook.warehouse.changes import Gold
from daybook.warehouse.tabledays import Facts, Fetched, TableDay, Version, version_of
from daybook.warehouse.verify import verify


def load(
    store: Store,
    root: str,
    path: Path,
    tables: Sequence[GoldTable],
    days: Sequence[date],
    *,
    remember: Mapping[str, str] | None = None,
    stop: bool = False,
    rebuild: bool = False,
) -> bool:
    """Bring the warehouse of `tables` at `path` up to gold around `days`, or make it anew from all of gold.

    `remember` are settings for the file to keep, beside those that it has; with `stop` a day out of the ordinary, which
    is always told, is not loaded. A file that an older Daybook made gets what it lacks; of days that it holds, the
    facts come from the manifests that are still live.

    Returns whether the file was replaced. What is live stays live until its successor is whole and proven.

    Raises:
        UsageError: the place cannot be written to, or the file there is not a warehouse of ours.
        RetryableError: gold is not there yet, another load is at work, or a server or the disk failed.
        DataError: gold's files do not hold what its manifests promise, or a day is stopped at.
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
            ours, held = _held(path, tables, rebuild)
            in_gold = _in_gold(store, root, tables, days, rebuild)
            loaded = history.current(held.loads)
            changed = changes.changed(in_gold, {} if rebuild else loaded)
            told = replace(held, settings={**held.settings, **(remember or {})})
            if not changed and told == held and held.layout == layout(tables):
                log.info("load_duckdb done: already loaded, nothing in gold has changed: %s", path)
                return False
            with files.workspace(path) as folder:
                fetched = changes.fetch(store, root, changed, folder)
                kept = {} if rebuild else {of: found for of, found in loaded.items() if of not in changed}
                told = replace(told, facts=_facts(store, root, held, kept))
                totals = swap(path, tables, fetched, told, folder, rebuild=rebuild, stop=stop, ours=ours)
    _report(changed, loaded, rebuild)
    rows = ", ".join(f"{table} {count:,} rows" for table, count in totals.items())
    seconds, bytes_ = time.monotonic() - started, size(path.stat().st_size)
    log.info("load_duckdb done: %s holds %s; %s, %.1f s", path, rows, bytes_, seconds)
    return True


def swap(
    path: Path,
    tables: Sequence[GoldTable],
    fetched: Sequence[Fetched],
    held: Book,
    folder: Path,
    *,
    rebuild: bool,
    stop: bool = False,
    ours: bool = True,
) -> dict[str, int]:
    """Build, prove and swap in the successor of `path`; returns the rows of each table.

    `held` is what the file knew of itself before this load; `folder` is private, on the disk of `path`; `ours` says
    whether the file there, if any, may be lost; with `stop` a new day out of the ordinary is refused.

    Raises:
        UsageError: the rights of the old file cannot be given to the new one; the old one stays.
        DataError: the new file is not what the manifests promise, or `stop`s at a day; the old one stays.
        RetryableError: disk or memory failed; the old one stays.
    """
    live = path if path.exists() and ours else None
    after = book.after(held, fetched, datetime.now(UTC).replace(tzinfo=None), rebuild=rebuild)
    target = folder / "next.duckdb"
    build(target, tables, live, fetched, (held, after), folder, keep=not rebuild)
    totals = verify(target, tables, fetched)
    if not rebuild:  # which has all days, told long ago
        day_warnings.tell(target, _with_new_ledgers(tables, fetched), stop)
    if path.exists() and not ours:
        files.set_aside(path)
    files.swap_in(target, path)
    return totals


def _with_new_ledgers(tables: Sequence[GoldTable], fetched: Sequence[Fetched]) -> set[date]:
    """The days of which more comes than figures restated by a neighbour."""
    ledgers = {table.name for table in tables if table.is_ledger}
    return {day.of.day for day in fetched if day.of.table in ledgers}


def _held(path: Path, tables: Sequence[GoldTable], rebuild: bool) -> tuple[bool, Book]:
    """Whether the file there is ours, and what it knows of itself; a rebuild does without its tables."""
    try:
        return True, current.read(path, tables) or Book()
    except current.ForeignFileError:
        if not rebuild:
            raise
    try:
        return True, current.read(path, ()) or Book()
    except current.ForeignFileError:
        return False, Book()


def _facts(store: Store, root: str, held: Book, kept: Mapping[TableDay, Version]) -> dict[TableDay, Facts]:
    """What is known of the making of the days that stay; an older Daybook's file knows nothing, manifests may."""
    unknown = {of: version for of, version in kept.items() if of not in held.facts}
    return {**held.facts, **changes.facts(store, root, unknown)}


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
        stored, complete = changed[of].manifest.tables[of.table], changed[of].manifest.complete
        figures = (version.rows, stored.bytes, 0, 0, complete)
        run_record.note_table_day(run_record.TableDay("duckdb", of.table, of.day, *figures, version != loaded.get(of)))
        if version != loaded.get(of):  # a rebuild loads again what was there already
            was = f", was {loaded[of].number}" if of in loaded else ""
            log.info(
                "duckdb %-28s %s  %11s rows  version %d%s", of.table, of.day, f"{version.rows:,}", version.number, was
            )
    for of in sorted(loaded.keys() - changed.keys() if rebuild else ()):
        log.warning("%s: no longer in gold, and now not in the warehouse either", of)
