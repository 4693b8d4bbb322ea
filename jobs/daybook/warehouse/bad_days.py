"""How a load ends whose days are not all good: the others are loaded, and what is wrong is told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from daybook import commands
from daybook.errors import DataError, DaybookError, foremost
from daybook.log import log
from daybook.warehouse import day_warnings, gold_layer
from daybook.warehouse.day_warnings import Odd
from daybook.warehouse.successor import Successor
from daybook.warehouse.tabledays import TableDay


def failures(
    missing: Sequence[TableDay], lost: Mapping[date, DataError] | None = None, asked: Collection[date] = ()
) -> list[DaybookError]:
    """What a load ends with: gold lacks a day that was asked for, or a file of one, or has a broken manifest of one.

    Of a day around those asked for that is `lost` it is told; a rebuild asks for all.
    """
    for day, error in sorted((lost or {}).items()):
        if asked and day not in asked:
            log.warning("%s is left out: %s -- next: %s", day, error, _then(day, error))
    ours = [error for day, error in sorted((lost or {}).items()) if not asked or day in asked]
    return [*([gold_layer.not_published(missing)] if missing else []), *ours]


def _then(day: date, error: DataError) -> str:
    """What mends a day that no load asks for: where gold is made again, the file must be brought up to it, too."""
    return f"{error.then} && {commands.load(day)}" if commands.gold(day, day) in error.then else error.then


def end(failures: Sequence[DaybookError], stopped: Odd | None = None) -> None:
    """End a load some of whose days are bad: the others are loaded before it is told; of several the foremost is last.

    Raises:
        DaybookError: there is one.
    """
    if stopped:
        for failure in failures:
            log.warning("%s -- next: %s", failure, failure.then)
        day_warnings.stop(stopped)
    if failures:
        raise foremost(failures)


def stopped(new: Successor, days: Collection[date], failures: Sequence[DaybookError]) -> Odd:
    """Those of the days asked for that are out of the ordinary, once the others left out are told.

    Raises:
        DataError: there are such days, and nothing else to load.
    """
    odd = {day: lines for day, lines in new.odd.items() if day in days}
    day_warnings.tell_left_out({day: lines for day, lines in new.odd.items() if day not in days})
    if odd and (not new.loaded or set(days) <= odd.keys()):
        end(failures, odd)
    return odd
