"""Silver → gold: which days a run writes, from which silver days each is made, and when it is left alone."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from pyspark.sql import functions as F

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.gold import MAKERS
from daybook.gold import ledger as gold_ledger
from daybook.lake import frames
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Published, publish
from daybook.log import log
from daybook.side_by_side import side_by_side
from daybook.silver_days import SilverDays
from daybook.spark import progress, versions


def publish_days(
    ctx: Context, tables: Sequence[GoldTable], sources: Sequence[SourceTable], days: Sequence[date], force: bool
) -> Iterator[Published]:
    """Make the gold table-days that read silver of the days, unless their inputs are unchanged.

    Raises:
        RetryableError: own silver of one of the days is not published, or a silver day it reads is stale.
        DataError: a ledger of gold does not balance; nothing of that table-day is published.
    """
    publish_one = partial(_publish_table_day, ctx, sources, force)
    return side_by_side(partial(publish_one, *target) for target in _targets(ctx, tables, sources, days))


def _targets(
    ctx: Context, tables: Sequence[GoldTable], sources: Sequence[SourceTable], days: Sequence[date]
) -> list[tuple[GoldTable, date]]:
    """The gold table-days that read any of the silver `days`: those days, and neighbours, each once.

    A neighbour is skipped when its own silver is missing, or when it would read stale silver; it is made when that
    is there.

    Raises:
        RetryableError: one of `days` itself cannot be made.
    """
    found = []
    for table in tables:
        for day in table.days_made_for(days):
            silver = SilverDays.read(ctx, table, sources, [day])
            obstacle = silver.obstacle(day)
            if obstacle is None:
                found.append((table, day))
            elif day in days:
                raise obstacle
            elif silver.missing(day):
                log.info("gold   %-28s %s  skipped: its own silver is not published", table.name, day)
            else:
                log.warning("warning: skipped %s -- next: %s", obstacle, obstacle.then)
    return found


def _publish_table_day(
    ctx: Context, sources: Sequence[SourceTable], force: bool, table: GoldTable, day: date
) -> Published:
    batch = ctx.lake.gold(table, day)

    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        silver = SilverDays.read(ctx, table, sources, [day])
        if obstacle := silver.obstacle(day):
            raise obstacle
        inputs = ctx.inputs(table, day, silver.etags(day))
        if live and not force and live.manifest.inputs == inputs:
            return None
        draft = _write(ctx, attempt, table, silver, batch)
        return Draft({table.name: draft}, inputs, versions(ctx.spark), silver.complete(day))

    return publish(ctx.store, batch, make)


def _write(ctx: Context, attempt: Attempt, table: GoldTable, silver: SilverDays, batch: Batch) -> DraftTable:
    """Write the rows of the day, prove them against silver, and let the ledger judge them."""
    maker, day, spark = MAKERS[table.name], batch.day, ctx.spark  # without a session there are no expressions
    figures = {line: F.expr(sql) for line, sql in table.figures.items()}
    written = frames.stage(attempt, maker.rows(silver, [day]), batch.dataset(table.name), figures)
    with progress(spark, f"audit {table.name} {day}, from silver"):
        proof = maker.proof(silver, [day])[day]
    ledger = gold_ledger.drawn_up(table, written.metrics, silver.alarms(), proof)
    gold_ledger.audit(table, day, ledger)
    return DraftTable(written.staged, ledger)
