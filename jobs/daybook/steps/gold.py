"""Silver → gold: which days a run writes, from which silver days each is made, and when it is left alone."""

from collections.abc import Sequence
from datetime import date, timedelta

from daybook.contracts.gold_model import GoldTable
from daybook.errors import RetryableError
from daybook.lake import publish
from daybook.lake.attempt import Attempt, Draft
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.runtime import log
from daybook.session import versions
from daybook.steps import gold_notif_impact, gold_user_activity
from daybook.steps.context import Context
from daybook.steps.silver_days import SilverDays

_WRITERS = {
    "global_user_activity_per_day": gold_user_activity.write,
    "global_notif_impact_per_day": gold_notif_impact.write,
}


def targets(ctx: Context, tables: Sequence[GoldTable], days: Sequence[date]) -> list[tuple[GoldTable, date]]:
    """The gold table-days that read any of the silver `days`: those days, and neighbours, each once.

    A neighbour is skipped when its own silver is missing; it is made when that arrives.

    Raises:
        RetryableError: the own silver of one of `days` is not published.
    """
    found = []
    for table in tables:
        for day in sorted({day + timedelta(days=offset) for day in days for offset in table.affected_days}):
            missing = _missing_own(ctx, table, day)
            if missing and day in days:
                raise RetryableError(
                    f"gold {table.name} {day}: silver of {', '.join(missing)} is not published",
                    then=f"spark-submit jobs/silver.py --ds {day}",
                )
            if not missing:
                found.append((table, day))
            else:
                log.info("gold   %-28s %s  skipped: its own silver is not published", table.name, day)
    return found


def publish_day(ctx: Context, table: GoldTable, day: date, force: bool) -> tuple[Batch, Live, bool]:
    """Make one gold day, unless its inputs are those it was made from.

    Raises:
        RetryableError: its own silver vanished.
        DataError: the ledger of gold does not balance; nothing is published.
    """
    batch = Batch("gold", ctx.lake.gold, table.name, day)

    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        silver = SilverDays.read(ctx, table, day)
        inputs = ctx.inputs(table, day, silver.etags, "user_purchases" in table.reads)
        if live and not force and live.manifest.inputs == inputs:
            return None
        draft = _WRITERS[table.name](ctx, attempt, table, silver, day)
        return Draft({table.name: draft}, inputs, versions(ctx.spark), silver.complete)

    return (batch, *publish.publish(ctx.store, batch, make))


def _missing_own(ctx: Context, table: GoldTable, day: date) -> list[str]:
    batches = (Batch("silver", ctx.lake.silver, name, day) for name in table.reads)
    return [batch.name for batch in batches if ctx.store.get(batch.manifest) is None]
