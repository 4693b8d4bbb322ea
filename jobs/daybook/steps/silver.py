"""Bronze → silver: which table-days a run makes, and which of them together."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.errors import DaybookError, RetryableError
from daybook.lake import manifest
from daybook.lake.paths import Batch
from daybook.lake.publish import Published
from daybook.log import log
from daybook.passes import passes
from daybook.side_by_side import side_by_side
from daybook.steps.one_pass import each
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
        bronze = manifest.read(ctx.store, ctx.lake.bronze(table, day))
        return bronze.manifest.tables[table.name].bytes if bronze and table.name in bronze.manifest.tables else 0

    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        sizes = dict(zip(targets, pool.map(size, targets), strict=True))
    for table in dict.fromkeys(table for table, _ in targets):
        for together in passes(((day, bytes_) for (of, day), bytes_ in sizes.items() if of == table), ctx.bounds):
            yield table, together


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
        found = list(pool.map(partial(manifest.read, ctx.store), batches))
    beside = zip(looked_at[len(asked) :], found[len(asked) :], strict=True)
    stale = [(of, live) for of, live in beside if live and ctx.is_stale(*of, live)]
    again = [of for of, live in stale if ctx.is_to_be_made_again(of[0], ctx.lake.silver(*of), live)]
    for table, day in again:
        log.info("silver %-28s %s  made again: its meaning, a setting or a rate has changed", table.name, day)
    for table, day in [of for of, _ in stale if of not in again]:
        line = "%s stays as it was made, under another meaning, setting or rate: its bronze is gone -- next: restore %s"
        log.warning(line, ctx.lake.silver(table, day), ctx.lake.bronze(table, day).manifest)
    return asked + again
