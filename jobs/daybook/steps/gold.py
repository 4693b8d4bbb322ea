"""Silver → gold: which table-days a run makes, and which of them together."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.errors import DataError, DaybookError
from daybook.lake.paths import Batch
from daybook.lake.publish import Published
from daybook.log import log
from daybook.steps.gold_pass import publish_days_of
from daybook.steps.outcomes import each
from daybook.steps.passes import passes
from daybook.steps.side_by_side import side_by_side
from daybook.steps.silver_manifests import SilverManifests


def publish_days(
    ctx: Context, tables: Sequence[GoldTable], sources: Sequence[SourceTable], days: Sequence[date], force: bool
) -> Iterator[Published]:
    """Make the gold table-days that read silver of the days, unless their inputs are unchanged.

    What is wrong with one table-day stops that one alone; on a day around those asked for it is a warning.

    Raises:
        RetryableError: own silver of one of the days is not published, or a silver day it reads is stale.
        DataError: a ledger of gold does not balance; nothing of that table-day is published.
    """
    ctx.begin_figures(days)
    sizes, obstacles = _targets(ctx, tables, sources, days)
    some = [(table, together) for table in tables for together in passes(sizes[table.name], ctx.bounds)]
    make = partial(publish_days_of, ctx, sources, days, force)
    figures = (partial(make, table, together) for table, together in some if not table.is_ledger)
    ledgers = (partial(make, table, together) for table, together in some if table.is_ledger)
    return each(chain(side_by_side(figures, ledgers), [obstacles]), lambda batch, _: batch.day not in days)


def _targets(
    ctx: Context, tables: Sequence[GoldTable], sources: Sequence[SourceTable], days: Sequence[date]
) -> tuple[dict[str, list[tuple[date, int]]], dict[Batch, DaybookError]]:
    """By table the gold days that read any of the silver `days`: those days, and neighbours, each once.

    Beside each day the bytes of its own silver. Second, what cannot be made, and why: its own silver is missing, it
    would read stale silver, or a manifest cannot be understood. A neighbour without silver of its own is only told; it
    is made when that is there.
    """
    found: dict[str, list[tuple[date, int]]] = {table.name: [] for table in tables}
    obstacles: dict[Batch, DaybookError] = {}
    for table in tables:
        for day in table.days_made_for(days):
            try:
                silver = SilverManifests.read(ctx, table, sources, [day])
                obstacle = silver.obstacle(day)
            except DataError as error:
                obstacles[ctx.lake.gold(table, day)] = error
                continue
            for batch in silver.outdated(day) if obstacle is None and day in days else ():
                line = "gold %s %s reads %s as it was made, under another meaning, setting or rate: its bronze is gone"
                log.warning(line, table.name, day, batch)
            if obstacle is None:
                found[table.name].append((day, silver.bytes(day)))
            elif day not in days and silver.missing(day):
                log.info("gold   %-28s %s  skipped: its own silver is not published", table.name, day)
            else:
                obstacles[ctx.lake.gold(table, day)] = obstacle
    return found, obstacles
