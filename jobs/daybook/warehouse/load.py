"""One load: what changed in gold, into a new file, proven, swapped in."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from daybook.errors import DaybookError, UsageError
from daybook.log import log, size
from daybook.warehouse import bad_days, choice, current, file_settings, files, gold_layer, history, neighbours
from daybook.warehouse.book import Book, layout
from daybook.warehouse.load_report import report
from daybook.warehouse.neighbours import Taken
from daybook.warehouse.request import LoadRequest
from daybook.warehouse.successor import build_even, swap
from daybook.warehouse.tabledays import Making, TableDay


def load(asked: LoadRequest) -> bool:
    """Do what is asked.

    A day out of the ordinary is always told. Days that were not asked for restate what the file holds of them; one
    that it does not hold comes along if gold has all of it, and is judged like those asked for.

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
    path = asked.path.absolute()
    with files.explaining(path):
        path = path.resolve()  # the successor of a linked file belongs beside the file, not beside the link
        if path.is_dir():
            raise UsageError(f"warehouse {path}: is a folder", then="set DUCKDB_PATH to a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.exclusive(path):
            files.remove_leftovers(path)
            return _load(replace(asked, path=path), started)


def _load(asked: LoadRequest, started: float) -> bool:
    """The load of a file that nobody else loads now."""
    path, before = asked.path, current.predecessor(asked.path, asked.tables, asked.rebuild)
    held = before.book
    taken = choice.taken(asked, held)
    if not path.exists() and not asked.rebuild:
        neighbours.tell_others(path, taken, gold_layer.everything(asked.store, asked.root, asked.tables))
    if asked.rebuild and not path.exists():  # which may have gone meanwhile: a rebuild does without it
        before = replace(before, path=None)
    told = _told(asked, held, taken)
    same = told == held and held.layout == layout(asked.tables)
    if same and not taken.gold:
        return _leave(path, "nothing in gold has changed", bad_days.failures(taken.missing, taken.unread, asked.days))
    with files.workspace(path) as folder:
        fetched, lost = gold_layer.fetch(asked.store, asked.root, taken.gold, folder)
        lost |= taken.unread
        failures = bad_days.failures(taken.missing, lost, asked.days)
        whole = set(asked.days) - {of.day for of in taken.missing} - lost.keys()
        if not whole:  # of a rebuild, which takes all of gold, no day may be lost
            bad_days.end(failures)
        before = replace(before, book=replace(told, facts=_facts(asked, held)))
        new = build_even(folder / "next.duckdb", asked, before, fetched, taken.judged)
        stopped = bad_days.stopped(new, whole, failures)
        if same and not new.loaded:
            return _leave(path, "all that has changed in gold was left out", failures)
        totals = swap(asked, before, new)
    report({day.of: taken.gold[day.of] for day in new.loaded}, history.current(held.loads), asked.rebuild)
    rows = ", ".join(f"{table} {count:,} rows" for table, count in totals.items())
    seconds, bytes_ = time.monotonic() - started, size(path.stat().st_size)
    log.info("load_duckdb done: %s holds %s; %s, %.1f s", path, rows, bytes_, seconds)
    bad_days.end(failures, stopped)
    return True


def _told(asked: LoadRequest, held: Book, taken: Taken) -> Book:
    """The book with what this load is told to remember; what contradicts the file is said."""
    told = replace(held, settings={**held.settings, **asked.remember, file_settings.GOLD: asked.root})
    kept = () if asked.rebuild else history.current(held.loads)
    days = {of.day for of in (*taken.gold, *kept)}
    for line in file_settings.contradictions({} if asked.rebuild else held.settings, told.settings, days):
        log.warning("warehouse %s: %s", asked.path, line)
    return told


def _leave(path: Path, why: str, failures: Sequence[DaybookError]) -> bool:
    """Say that the file stays, and why; returns that it was not replaced.

    Raises:
        DaybookError: there are failures of days that were asked for.
    """
    log.info("load_duckdb done: already loaded, %s: %s", why, path)
    bad_days.end(failures)
    return False


def _facts(asked: LoadRequest, held: Book) -> dict[TableDay, Making]:
    """What is known of the making of the days that stay; an older Daybook's file knows nothing, manifests may."""
    kept = {} if asked.rebuild else history.current(held.loads)
    unknown = {of: version for of, version in kept.items() if of not in held.facts}
    return {**held.facts, **gold_layer.facts(asked.store, asked.root, unknown)}
