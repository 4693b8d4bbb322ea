"""One load: what changed in gold, into a new file, proven, swapped in."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DaybookError, RetryableError, UsageError
from daybook.lake.store import Store
from daybook.log import log, size
from daybook.records import run_record
from daybook.warehouse import bad_days, changes, current, file_settings, files, history, neighbours
from daybook.warehouse.book import Book, layout
from daybook.warehouse.changes import Gold
from daybook.warehouse.neighbours import Taken
from daybook.warehouse.successor import build_even, swap
from daybook.warehouse.tabledays import Making, TableDay, Version, version_of


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

    `remember` are settings for the file to keep, beside those that it has. A day out of the ordinary is always told;
    with `stop` it is not loaded, unless by a rebuild. Days that were not asked for restate what the file holds of them;
    one that it does not hold comes along if gold has all of it, and is judged like those asked for.

    A file that an older Daybook made gets what it lacks; of days that it holds, the facts come from the manifests that
    are still live.

    Returns whether the file was replaced. What is live stays live until its successor is whole and proven.

    Raises:
        UsageError: the place cannot be written to, or the file there is not a warehouse of ours.
        RetryableError: gold of a day is not there yet, and the others are loaded; another load is at work, or a server
            or the disk failed.
        DataError: gold's files do not hold what its manifests promise; or a day that was asked for is damaged or
            stopped at, and the others are loaded.
    """
    started = time.monotonic()
    path = path.absolute()
    with files.explaining(path):
        path = path.resolve()  # the successor of a linked file belongs beside the file, not beside the link
        if path.is_dir():
            raise UsageError(f"warehouse {path}: is a folder", then="set DUCKDB_PATH to a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.exclusive(path):
            files.remove_leftovers(path)
            ours, held = _held(path, tables, rebuild)
            loaded = history.current(held.loads)
            taken = _taken(store, root, tables, days, held, rebuild)
            if not path.exists() and not rebuild:
                neighbours.tell_others(path, taken, changes.everything(store, root, tables))
            told = _told(path, held, {**(remember or {}), file_settings.GOLD: root}, taken, rebuild)
            same = told == held and held.layout == layout(tables)
            if same and not taken.gold:
                return _leave(path, "nothing in gold has changed", bad_days.failures(taken.missing, taken.unread, days))
            live = path if path.exists() and ours else None
            with files.workspace(path) as folder:
                fetched, lost = changes.fetch(store, root, taken.gold, folder)
                lost |= taken.unread
                failures = bad_days.failures(taken.missing, lost, days)
                whole = set(days) - {of.day for of in taken.missing} - lost.keys()
                if not whole:  # of a rebuild, which takes all of gold, no day may be lost
                    bad_days.end(failures)
                told = replace(told, facts=_facts(store, root, held, {} if rebuild else loaded))
                new = build_even(
                    folder / "next.duckdb", tables, live, fetched, told, taken.judged, rebuild=rebuild, stop=stop
                )
                stopped = bad_days.stopped(new, whole, failures)
                if same and not new.loaded:
                    return _leave(path, "all that has changed in gold was left out", failures)
                totals = swap(path, tables, new, ours=ours)
    _report({day.of: taken.gold[day.of] for day in new.loaded}, loaded, rebuild)
    rows = ", ".join(f"{table} {count:,} rows" for table, count in totals.items())
    seconds, bytes_ = time.monotonic() - started, size(path.stat().st_size)
    log.info("load_duckdb done: %s holds %s; %s, %.1f s", path, rows, bytes_, seconds)
    bad_days.end(failures, stopped)
    return True


def _told(path: Path, held: Book, remember: Mapping[str, str], taken: Taken, rebuild: bool) -> Book:
    """The book with what this load is told to remember; what contradicts the file is said."""
    told = replace(held, settings={**held.settings, **remember})
    days = {of.day for of in taken.gold} | ({of.day for of in history.current(held.loads)} if not rebuild else set())
    for line in file_settings.contradictions({} if rebuild else held.settings, told.settings, days):
        log.warning("warehouse %s: %s", path, line)
    return told


def _leave(path: Path, why: str, failures: Sequence[DaybookError]) -> bool:
    """Say that the file stays, and why; returns that it was not replaced.

    Raises:
        DaybookError: there are failures of days that were asked for.
    """
    log.info("load_duckdb done: already loaded, %s: %s", why, path)
    bad_days.end(failures)
    return False


def _held(path: Path, tables: Sequence[GoldTable], rebuild: bool) -> tuple[bool, Book]:
    """Whether the file there is ours, and what it knows of itself; a rebuild does without its tables."""
    try:
        return True, current.book(path, tables) or Book()
    except current.ForeignFileError:
        if not rebuild:
            raise
    try:
        return True, current.book(path, ()) or Book()
    except current.ForeignFileError:
        return False, Book()


def _facts(store: Store, root: str, held: Book, kept: Mapping[TableDay, Version]) -> dict[TableDay, Making]:
    """What is known of the making of the days that stay; an older Daybook's file knows nothing, manifests may."""
    unknown = {of: version for of, version in kept.items() if of not in held.facts}
    return {**held.facts, **changes.facts(store, root, unknown)}


def _taken(
    store: Store,
    root: str,
    tables: Sequence[GoldTable],
    days: Sequence[date],
    held: Book,
    rebuild: bool,
) -> Taken:
    """What the load takes from gold; what it leaves there, or takes only in part, is told."""
    loaded = history.current(held.loads)
    if not rebuild:
        wanted = dict.fromkeys([*changes.around(days, tables), *_unsettled(held, loaded, days)])
        found, unread = changes.understood(store, root, wanted)
        missing = changes.missing(found, [day for day in days if day not in unread], tables)
        whole = set(days) - {of.day for of in missing} - unread.keys()
        if not whole:
            bad_days.end(bad_days.failures(missing, unread, days))
        taken = neighbours.take(found, changes.changed(found, loaded, held.facts), loaded, whole, tables)
        neighbours.tell(taken.lacking, "left out")
        neighbours.tell_gone({of for of in wanted if of in loaded and of not in found and of.day not in unread})
        return replace(taken, missing=missing, unread=unread)
    found = changes.published(store, root, changes.everything(store, root, tables))
    if not found:
        # An empty warehouse in place of a full one is never what was meant.
        raise RetryableError(f"nothing is published under {root}", then=commands.GOLD_OF_SOME_DAY)
    taken = neighbours.take_all(found, loaded, tables)
    neighbours.tell(taken.lacking, "loaded in part")
    return taken


def _unsettled(held: Book, loaded: Collection[TableDay], days: Sequence[date]) -> list[TableDay]:
    """What was made without a day that is there by now: a load in between failed, which would have restated it."""
    there = {of.day for of in loaded} | {*days}
    return [of for of in loaded if of in held.facts and not there.isdisjoint(held.facts[of].absent)]


def _report(changed: Gold, loaded: Mapping[TableDay, Version], rebuild: bool) -> None:
    """One line per table-day that changed."""
    versions = {of: version_of(live, of.table) for of, live in changed.items()}
    for of, version in sorted(versions.items(), key=lambda item: item[0]):
        stored, complete = changed[of].manifest.tables[of.table], changed[of].manifest.complete
        figures = (version.rows, stored.bytes, 0, 0, complete)
        run_record.note_table_day(
            run_record.TableDayRun("duckdb", of.table, of.day, *figures, version != loaded.get(of))
        )
        if version != loaded.get(of):  # a rebuild loads again what was there already
            was = f", was {loaded[of].number}" if of in loaded else ""
            log.info(
                "duckdb %-28s %s  %11s rows  version %d%s", of.table, of.day, f"{version.rows:,}", version.number, was
            )
    for of in sorted(loaded.keys() - changed.keys() if rebuild else ()):
        log.warning("%s: no longer in gold, and now not in the warehouse either", of)
