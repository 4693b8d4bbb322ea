"""Silver → gold: which days a run writes, from which silver days each is made, and when it is left alone."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from daybook.contracts.model import GoldTable
from daybook.errors import RetryableError
from daybook.lake import publish
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Attempt, Draft
from daybook.runtime import log
from daybook.session import versions
from daybook.steps import gold_notif_impact, gold_user_activity
from daybook.steps.context import Context
from daybook.steps.silver_days import SilverDays

_WRITERS = {
    "global_user_activity_per_day": gold_user_activity.write,
    "global_notif_impact_per_day": gold_notif_impact.write,
}


def publish_days(
    ctx: Context, table: GoldTable, days: Sequence[date], force: bool
) -> Iterator[tuple[Batch, Live, bool]]:
    """Make the gold days that read any of the silver `days`: each once, and those days' neighbours too.

    A neighbour is skipped when its own silver is missing; it is made when that arrives.

    Raises:
        RetryableError: the own silver of one of `days` is not published.
        DataError: the ledger of gold does not balance; nothing is published.
    """
    targets = {day + timedelta(days=offset) for day in days for offset in table.affected_days}
    for day in sorted(targets):
        missing = _missing_own(ctx, table, day)
        if not missing:
            yield _publish_day(ctx, table, day, force)
        elif day in days:
            raise RetryableError(
                f"gold {table.name} {day}: silver of {', '.join(missing)} is not published",
                then=f"spark-submit jobs/silver.py --ds {day}",
            )
        else:
            log.info("gold   %-28s %s  skipped: its own silver is not published", table.name, day)


def _missing_own(ctx: Context, table: GoldTable, day: date) -> list[str]:
    batches = (Batch("silver", ctx.lake.silver, name, day) for name in table.reads)
    return [batch.name for batch in batches if ctx.store.get(batch.manifest) is None]


def _publish_day(ctx: Context, table: GoldTable, day: date, force: bool) -> tuple[Batch, Live, bool]:
    batch = Batch("gold", ctx.lake.gold, table.name, day)

    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        silver = SilverDays.read(ctx, table, day)
        inputs = _inputs(ctx, table, day, silver)
        if live and not force and live.manifest.inputs == inputs:
            return None
        draft = _WRITERS[table.name](ctx, attempt, table, silver, day)
        return Draft({table.name: draft}, inputs, versions(ctx.spark), silver.complete)

    return (batch, *publish.publish(ctx.store, batch, make))


def _inputs(ctx: Context, table: GoldTable, day: date, silver: SilverDays) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "manifests": silver.etags,
        "meaning_version": table.meaning_version,
        "settings": ctx.meaning.of(table.settings),
    }
    if "user_purchases" in table.reads:
        inputs["rates"] = {c: str(r) for c, r in ctx.rates.on(day, ctx.meaning.reporting_currency).items()}
    return inputs


