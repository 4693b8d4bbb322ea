"""What a load takes: all of the days asked for, and of the days around them what may come along."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from daybook import commands
from daybook.arguments import span
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError
from daybook.lake.manifest import Live
from daybook.log import log
from daybook.warehouse.gold_layer import Gold
from daybook.warehouse.tabledays import TableDay, Version


@dataclass(frozen=True)
class Taken:
    """The table-days that a load takes.

    `judged` are the days of which more comes than restated figures. `lacking` are the days of which gold has something
    that the file has not, but not all tables: each with those that gold lacks.
    `missing` is what gold lacks of the days asked for, none of which is among the others. Nor is a day of which a
    manifest is `unread`, because it cannot be understood.
    """

    gold: Gold
    judged: frozenset[date]
    lacking: Mapping[date, list[str]]
    missing: Sequence[TableDay] = ()
    unread: Mapping[date, DataError] = field(default_factory=dict)


def take(
    in_gold: Gold,
    changed: Gold,
    loaded: Mapping[TableDay, Version],
    asked: Collection[date],
    tables: Sequence[GoldTable],
) -> Taken:
    """Choose from the `changed` table-days around the `asked` ones.

    Of another day comes what restates the table-days that are `loaded`. The rest of it comes if gold has all its
    tables: only then has a run for that very day made it.
    """
    gold: Gold = {}
    judged, lacking = set(), {}
    ledgers = {table.name for table in tables if table.is_ledger}
    for day in sorted({of.day for of in changed}):
        news = {of: live for of, live in changed.items() if of.day == day}
        missing = [table.name for table in tables if TableDay(table.name, day) not in in_gold]
        if day in asked or not missing:
            taken = news
        else:
            taken = {of: live for of, live in news.items() if of in loaded}
            if len(taken) < len(news):
                lacking[day] = missing
        gold |= taken
        if any(_is_own(of, live, loaded, ledgers) for of, live in taken.items()):
            judged.add(day)
    return Taken(gold, frozenset(judged), lacking)


def take_all(in_gold: Gold, loaded: Mapping[TableDay, Version], tables: Sequence[GoldTable]) -> Taken:
    """Take all of gold: `lacking` are the days that it has not all figures of."""
    days = {of.day for of in in_gold}
    taken = take(in_gold, in_gold, loaded, days, tables)
    figures = [table.name for table in tables if not table.is_ledger]
    missing = {day: [name for name in figures if TableDay(name, day) not in in_gold] for day in sorted(days)}
    return replace(taken, lacking={day: names for day, names in missing.items() if names})


def _is_own(of: TableDay, live: Live, loaded: Mapping[TableDay, Version], ledgers: Collection[str]) -> bool:
    """Whether it is news of the day itself, and no restatement by a day around it."""
    return of not in loaded or (of.table in ledgers and loaded[of].etag != live.etag)


def tell_gone(gone: Collection[TableDay]) -> None:
    """Warn of table-days that the file holds and gold has no more: nothing proves them, and nothing restates them."""
    for day in sorted({of.day for of in gone}):
        names = ", ".join(sorted(of.table for of in gone if of.day == day))
        then = commands.gold_and_load(day)
        log.warning("%s stays in the file, but gold lost its manifest of %s -- next: %s", day, names, then)


def tell_others(path: Path, taken: Taken, in_gold: Collection[TableDay]) -> None:
    """Warn that a file is begun without days that gold has: there may have been a file that held them."""
    others = sorted({of.day for of in in_gold} - {of.day for of in taken.gold} - taken.unread.keys())
    if others:
        days = f"{len(others)} more day{'' if len(others) == 1 else 's'}, {span(others)}"
        log.warning("warehouse %s: there was no file; gold has %s -- next: %s", path, days, commands.REBUILD)


def tell(lacking: Mapping[date, Sequence[str]], state: str) -> None:
    """Warn of days that gold has not all tables of; `state` is what the load did with them."""
    for day, missing in lacking.items():
        then = commands.gold_and_load(day)
        log.warning("%s is %s: gold lacks %s -- next: %s", day, state, ", ".join(missing), then)
