"""What a load takes from gold, by what the file holds; what it leaves there, or takes only in part, is told."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from daybook import commands
from daybook.errors import RetryableError
from daybook.warehouse import bad_days, gold_layer, history, neighbours
from daybook.warehouse.book import Book
from daybook.warehouse.neighbours import Taken
from daybook.warehouse.request import LoadRequest
from daybook.warehouse.tabledays import TableDay


def taken(asked: LoadRequest, held: Book) -> Taken:
    """What the load takes; `held` is what the file knows of itself.

    Raises:
        RetryableError: gold has none of the days asked for, or nothing at all; or it is older than what is loaded.
        DataError: of each day asked for a manifest is damaged; or one is, and all of gold is asked for.
    """
    return _all(asked, held) if asked.rebuild else _around(asked, held)


def _around(asked: LoadRequest, held: Book) -> Taken:
    """What has changed around the days that are asked for."""
    loaded = history.current(held.loads)
    wanted = dict.fromkeys([*gold_layer.around(asked.days, asked.tables), *_unsettled(held, loaded, asked.days)])
    found, unread = gold_layer.understood(asked.store, asked.root, wanted)
    missing = gold_layer.missing(found, [day for day in asked.days if day not in unread], asked.tables)
    whole = set(asked.days) - {of.day for of in missing} - unread.keys()
    if not whole:
        bad_days.end(bad_days.failures(missing, unread, asked.days))
    chosen = neighbours.take(found, gold_layer.changed(found, loaded, held.facts), loaded, whole, asked.tables)
    neighbours.tell(chosen.lacking, "left out")
    neighbours.tell_gone({of for of in wanted if of in loaded and of not in found and of.day not in unread})
    return replace(chosen, missing=missing, unread=unread)


def _all(asked: LoadRequest, held: Book) -> Taken:
    """All of gold."""
    everything = gold_layer.everything(asked.store, asked.root, asked.tables)
    found = gold_layer.published(asked.store, asked.root, everything)
    if not found:
        # An empty warehouse in place of a full one is never what was meant.
        raise RetryableError(f"nothing is published under {asked.root}", then=commands.GOLD_OF_SOME_DAY)
    chosen = neighbours.take_all(found, history.current(held.loads), asked.tables)
    neighbours.tell(chosen.lacking, "loaded in part")
    return chosen


def _unsettled(held: Book, loaded: Collection[TableDay], days: Sequence[date]) -> list[TableDay]:
    """What was made without a day that is there by now: a load in between failed, which would have restated it."""
    there = {of.day for of in loaded} | {*days}
    return [of for of in loaded if of in held.facts and not there.isdisjoint(held.facts[of].absent)]
