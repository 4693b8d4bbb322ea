"""The successor of a warehouse file: built beside it, judged, proven, and then swapped in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from daybook.warehouse import book, day_warnings, files
from daybook.warehouse.build import build
from daybook.warehouse.current import Predecessor
from daybook.warehouse.day_warnings import Odd
from daybook.warehouse.recount import recount
from daybook.warehouse.request import LoadRequest
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
    asked: LoadRequest,
    before: Predecessor,
    fetched: Sequence[Fetched],
    judged: Collection[date] = (),
) -> Successor:
    """Build a file at `target`; if the load is to stop, and is no rebuild, without the `judged` days that are odd.

    The folder of `target` is private. A day is compared with those before it: the earliest odd day is taken out, and
    the days after it are judged anew, as if each had its own load.

    Raises:
        DataError: a Parquet file is not what its contract says.
        RetryableError: disk or memory failed.
    """
    odd: dict[date, Sequence[str]] = {}
    stop = asked.stop and not asked.rebuild
    while True:
        coming = [day for day in fetched if day.of.day not in odd]
        known = book.after(before.book, coming, datetime.now(UTC).replace(tzinfo=None), rebuild=asked.rebuild)
        build(target, asked.tables, before, coming, known)
        # what the live file says is asked for only where a day may be stopped
        warnings = day_warnings.found(target, set(judged) - odd.keys(), before.path if stop else None)
        if not warnings.new or not stop:
            return Successor(target, coming, odd, warnings.every)
        first = min(warnings.new)
        odd[first] = warnings.new[first]
        target.unlink()


def swap(asked: LoadRequest, before: Predecessor, new: Successor) -> dict[str, int]:
    """Prove the new file and put it in its place; returns the rows of each table.

    A file there that it does not replace is kept under another name.

    Raises:
        UsageError: the rights of the old file cannot be given to the new one; the old one stays.
        DataError: the new file is not what the manifests promise; the old one stays.
        RetryableError: disk or memory failed; the old one stays.
    """
    totals = recount(new.target, asked.tables, new.loaded)
    day_warnings.tell(new.warnings)
    if asked.path.exists() and not before.path:
        files.set_aside(asked.path)
    files.swap_in(new.target, asked.path)
    return totals
