"""The successor of a warehouse file: built beside it, judged, proven, and then swapped in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from daybook.contracts.gold_model import GoldTable
from daybook.warehouse import book, day_warnings, files
from daybook.warehouse.book import Book
from daybook.warehouse.build import build
from daybook.warehouse.day_warnings import Odd
from daybook.warehouse.recount import recount
from daybook.warehouse.tabledays import Fetched


@dataclass(frozen=True)
class Successor:
    """A file at `target` that holds `loaded` and not the `odd` days; `warnings` are those of days that it does hold."""

    target: Path
    loaded: Sequence[Fetched]
    odd: Odd = field(default_factory=dict)
    warnings: Odd = field(default_factory=dict)


def build_even(
    target: Path,
    tables: Sequence[GoldTable],
    live: Path | None,
    fetched: Sequence[Fetched],
    held: Book,
    judged: Collection[date] = (),
    *,
    rebuild: bool,
    stop: bool = False,
) -> Successor:
    """Build a file at `target`; with `stop`, unless it is a `rebuild`, without the `judged` days that are odd.

    `held` is what the `live` file knows of itself; the folder of `target` is private. A day is compared with those
    before it: the earliest odd day is taken out, and the days after it are judged anew, as if each had its own load.

    Raises:
        DataError: a Parquet file is not what its contract says.
        RetryableError: disk or memory failed.
    """
    odd: dict[date, Sequence[str]] = {}
    while True:
        coming = [day for day in fetched if day.of.day not in odd]
        after = book.after(held, coming, datetime.now(UTC).replace(tzinfo=None), rebuild=rebuild)
        build(target, tables, live, coming, (held, after), target.parent, keep=not rebuild)
        # what the live file says is asked for only where a day may be stopped
        warnings = day_warnings.found(target, set(judged) - odd.keys(), live if stop else None)
        if not warnings.new or not stop or rebuild:
            return Successor(target, coming, odd, warnings.every)
        first = min(warnings.new)
        odd[first] = warnings.new[first]
        target.unlink()


def swap(path: Path, tables: Sequence[GoldTable], new: Successor, *, ours: bool = True) -> dict[str, int]:
    """Prove the new file and put it in place of `path`; returns the rows of each table.

    `ours` says whether the file there, if any, may be lost.

    Raises:
        UsageError: the rights of the old file cannot be given to the new one; the old one stays.
        DataError: the new file is not what the manifests promise; the old one stays.
        RetryableError: disk or memory failed; the old one stays.
    """
    totals = recount(new.target, tables, new.loaded)
    day_warnings.tell(new.warnings)
    if path.exists() and not ours:
        files.set_aside(path)
    files.swap_in(new.target, path)
    return totals
