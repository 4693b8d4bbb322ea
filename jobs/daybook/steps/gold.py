"""Silver → gold: which days a run writes, from which silver days each is made, and when it is left alone."""

from collections.abc import Sequence
from datetime import date, timedelta

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.lake.attempt import Attempt, Draft
from daybook.lake.manifest import Live
from daybook.lake.publish import Published, publish
from daybook.log import log
from daybook.spark import versions
from daybook.steps import gold_notif_impact, gold_user_activity
from daybook.steps.silver_days import SilverDays

_WRITERS = {
    "global_user_activity_per_day": gold_user_activity.write,
    "global_notif_impact_per_day": gold_notif_impact.write,
}


def targets(ctx: Context, tables: Sequence[GoldTable], days: Sequence[date]) -> list[tuple[GoldTable, date]]:
    """The gold table-days that read any of the silver `days`: those days, and neighbours, each once.

    A neighbour is skipped when its own silver is missing, or when it would read stale silver; it is made when that
    is there.

    Raises:
        RetryableError: one of `days` itself cannot be made.
    """
    found = []
    for table in tables:
        for day in sorted({day + timedelta(days=offset) for day in days for offset in table.affected_days}):
            silver = SilverDays.read(ctx, table, day)
            obstacle = silver.obstacle
            if obstacle is None:
                found.append((table, day))
            elif day in days:
                raise obstacle
            elif silver.missing:
                log.info("gold   %-28s %s  skipped: its own silver is not published", table.name, day)
            else:
                log.warning("warning: skipped %s -- next: %s", obstacle, obstacle.then)
    return found


def publish_day(ctx: Context, table: GoldTable, day: date, force: bool) -> Published:
    """Make one gold day, unless its inputs are those it was made from.

    Raises:
        RetryableError: its own silver vanished, or a silver day it reads is stale.
        DataError: the ledger of gold does not balance; nothing is published.
    """
    batch = ctx.lake.gold(table, day)

    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        silver = SilverDays.read(ctx, table, day)
        if obstacle := silver.obstacle:
            raise obstacle
        inputs = ctx.inputs(table, day, silver.etags)
        if live and not force and live.manifest.inputs == inputs:
            return None
        draft = _WRITERS[table.name](ctx, attempt, table, silver, day)
        return Draft({table.name: draft}, inputs, versions(ctx.spark), silver.complete)

    return publish(ctx.store, batch, make)
