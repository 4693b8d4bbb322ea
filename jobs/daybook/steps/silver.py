"""Bronze → silver: which table-days a run makes, and which of them together."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.errors import DataError, DaybookError, RetryableError
from daybook.lake import manifest
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Published
from daybook.log import log
from daybook.steps.outcomes import each
from daybook.steps.passes import passes
from daybook.steps.side_by_side import side_by_side
from daybook.steps.silver_pass import publish_days_of

_LOOKS_AT_ONCE = 8


def publish_days(
    ctx: Context,
    tables: Sequence[SourceTable],
    gold: Sequence[GoldTable],
    days: Sequence[date],
    force: bool,
    beside: Collection[str] = (),
) -> Iterator[Published]:
    """Make each silver table-day of the days, and what is stale around them, unless its inputs are unchanged.

    What is wrong with one table-day stops that one alone; the others are published before it is told. It is a warning
    where the table is one of those `beside` and its data are refused, and on a day around those asked for.

    Raises:
        RetryableError: bronze is not there yet.
        DataError: a ledger does not balance, or most rows are rejected; nothing of that table-day is published.
        UsageError: most ids are integers and there is no namespace for them; a setting or the rates file is malformed.
    """

    def may_fail(batch: Batch, error: DaybookError) -> bool:
        return batch.day not in days or (batch.name in beside and not isinstance(error, RetryableError))

    ctx.begin_figures(days)
    targets = _passes(ctx, _targets(ctx, tables, gold, days))
    return each(side_by_side(partial(publish_days_of, ctx, force, *target) for target in targets), may_fail)


def _passes(ctx: Context, targets: Sequence[tuple[SourceTable, date]]) -> Iterator[tuple[SourceTable, list[date]]]:
    """The targets, several days of a table together where they are small."""

    def size(target: tuple[SourceTable, date]) -> int:
        table, day = target
        try:
            bronze = ctx.bronze(table, day)
        except DataError:  # who makes it will say so
            return 0
        return bronze.manifest.tables[table.name].bytes if bronze else 0

    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        sizes = dict(zip(targets, pool.map(size, targets), strict=True))
    for table in dict.fromkeys(table for table, _ in targets):
        for together in passes(((day, bytes_) for (of, day), bytes_ in sizes.items() if of == table), ctx.bounds):
            yield table, together


def _readable(ctx: Context, asked: Sequence[date], batch: Batch) -> Live | None:
    """What is live of it; a day around those asked for that cannot be understood stops nobody, and is told."""
    try:
        return manifest.read(ctx.store, batch)
    except DataError as error:
        if batch.day not in asked:
            log.warning("skipped %s -- next: %s", error, error.then)
        return None


def _targets(
    ctx: Context, tables: Sequence[SourceTable], gold: Sequence[GoldTable], days: Sequence[date]
) -> list[tuple[SourceTable, date]]:
    """The silver table-days that a run for `days` makes: those asked for, then what is stale around them.

    Gold of the days around reads them together, and never reads silver that means something else than today's.
    """
    asked = [(table, day) for day in days for table in tables]
    beyond = sorted({day for table in gold for day in table.reach(days)} - set(days))
    # Those asked for come first, so that a store that cannot be read is named by what was asked for.
    looked_at = asked + [(table, day) for day in beyond for table in tables]
    batches = [ctx.lake.silver(table, day) for table, day in looked_at]
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        found = list(pool.map(partial(_readable, ctx, days), batches))
    beside = zip(looked_at[len(asked) :], found[len(asked) :], strict=True)
    again = []
    for table, day in [of for of, live in beside if live and ctx.is_stale(*of, live)]:
        if ctx.bronze(table, day):
            log.info("silver %-28s %s  made again: its meaning, a setting or a rate has changed", table.name, day)
            again.append((table, day))
        else:
            stays = "%s stays as it was made, under another meaning, setting or rate: its bronze is gone"
            log.warning(
                f"{stays} -- next: restore %s", ctx.lake.silver(table, day), ctx.lake.bronze(table, day).manifest
            )
    return asked + again
