"""Cassandra → bronze: one batch per table and day; the days of a range in one scan of each table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from daybook.context import Context
from daybook.contracts.model import SourceTable
from daybook.days import ends
from daybook.extraction import keeps_history, tell_refreshed
from daybook.lake import frames
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcome, Published
from daybook.passes import passes
from daybook.report import warn_of_unknown
from daybook.settings import Cassandra
from daybook.side_by_side import side_by_side
from daybook.sources import cassandra, cassandra_failures
from daybook.spark import versions
from daybook.steps.one_pass import Outcomes, each, publish_pass


def publish_days(
    ctx: Context, source: Cassandra, tables: Sequence[SourceTable], days: Sequence[date], refresh: bool
) -> Iterator[Published]:
    """Copy each table-day as the source has it now, unless it is history already.

    Raises:
        DataError: a table breaks its contract, or its day cannot be pushed down.
    """
    # How large a day is, nobody knows before it is read.
    together = list(passes(((day, 0) for day in days), ctx.bounds))
    copy = partial(_publish_days_of, ctx, source, refresh)
    return each(side_by_side(partial(copy, table, some) for some in together for table in tables))


def _publish_days_of(
    ctx: Context, source: Cassandra, refresh: bool, table: SourceTable, days: Sequence[date]
) -> Outcomes:
    def make(attempt: Attempt, lives: Mapping[Batch, Live | None]) -> dict[Batch, Outcome]:
        kept: dict[Batch, Outcome] = {batch: None for batch, live in lives.items() if keeps_history(live, refresh)}
        pending = [batch for batch in lives if batch not in kept]
        return kept | (_drafts(ctx, attempt, source, table, pending) if pending else {})

    outcomes = publish_pass(ctx.store, [ctx.lake.bronze(table, day) for day in days], make)
    tell_refreshed(outcomes)
    return outcomes


def _drafts(
    ctx: Context, attempt: Attempt, source: Cassandra, table: SourceTable, batches: Sequence[Batch]
) -> dict[Batch, Outcome]:
    begun_at, days = datetime.now(UTC), [batch.day for batch in batches]
    with cassandra_failures.reading(ctx.spark, source, table, days):
        whole = cassandra.open_table(ctx.spark, source, table)
        extra = table.unknown(whole.columns)
        warn_of_unknown(table.name, extra)
        rows = cassandra.read_days(whole, table, days)
        places = {batch.day: batch.dataset(table.name) for batch in batches}
        written = frames.stage_days(attempt, rows, places, every_day=True)
    read_at = datetime.now(UTC)
    drafts: dict[Batch, Outcome] = {}
    for batch in batches:
        inputs: dict[str, Any] = {
            "source": f"cassandra {source.keyspace}.{table.name}",
            "window": table.window_of(batch.day),
            "consistency": source.consistency,
            "read_at": read_at.isoformat(),
            "extra_columns": {table.name: extra} if extra else {},
        }
        staged = written[batch.day].staged
        # Cassandra gives no independent count, and none is invented: the ledger begins with the rows read.
        tables = {table.name: DraftTable(staged, {"source": None, "bronze": staged.rows})}
        # By the time before the read: what was written while it ran over midnight may be missing.
        drafts[batch] = Draft(tables, inputs, versions(ctx.spark), begun_at >= ends(batch.day))
    return drafts
