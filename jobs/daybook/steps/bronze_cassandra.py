"""Cassandra → bronze: one batch per table and day; the days of a range in one scan of each table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from typing import Any

from pyspark.sql import DataFrame

from daybook.context import Context
from daybook.contracts.model import SourceTable
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcomes, Proposal, Publication, Published
from daybook.lake.staging import stage
from daybook.settings import Cassandra
from daybook.sources import cassandra, cassandra_failures, cassandra_reach
from daybook.sources.extraction import Asked, tell_refreshed
from daybook.sources.reach import Reach, awaited
from daybook.spark.progress import versions
from daybook.steps.outcomes import each
from daybook.steps.passes import passes
from daybook.steps.report import warn_of_clocks, warn_of_unknown
from daybook.steps.side_by_side import side_by_side


@dataclass(frozen=True)
class _Source:
    """The cluster, how it was asked for, and how far it is, which is looked up before the first read."""

    settings: Cassandra
    asked: Asked
    reach: Callable[[], Reach]


def publish_days(
    ctx: Context, source: Cassandra, tables: Sequence[SourceTable], days: Sequence[date], asked: Asked
) -> Iterator[Published]:
    """Copy each table-day as the source has it now, unless it is history already.

    Of a day that the cluster is not far enough for, nothing is read, unless it may be incomplete.

    Raises:
        DataError: a table breaks its contract, or its day cannot be pushed down.
        RetryableError: the cluster is not far enough for a day, or a day lies under too many deleted rows; at the end,
            when the other days are published.
    """
    # How large a day is, nobody knows before it is read.
    together = list(passes(((day, 0) for day in days), ctx.bounds))
    of = _Source(source, asked, cache(partial(_reach, ctx, source, days[-1], asked)))
    copy = partial(_publish_days_of, ctx, of)
    return each(side_by_side(partial(copy, table, some) for some in together for table in tables))


def _reach(ctx: Context, source: Cassandra, last: date, asked: Asked) -> Reach:
    found = awaited(lambda: cassandra_reach.ask(ctx.spark, source), last, asked.settle)
    warn_of_clocks(found)
    return found


def _publish_days_of(ctx: Context, of: _Source, table: SourceTable, days: Sequence[date]) -> Outcomes:
    publication = Publication(ctx.store, [ctx.lake.bronze(table, day) for day in days])
    for attempt in publication.tries():
        with attempt:
            kept: dict[Batch, Proposal] = {batch: None for batch, live in attempt.lives.items() if of.asked.keeps(live)}
            pending = [batch for batch in attempt.lives if batch not in kept]
            attempt.propose(kept | (_drafts(ctx, attempt, of, table, pending) if pending else {}))
    tell_refreshed(publication.outcomes.values())
    return publication.outcomes


def _drafts(
    ctx: Context, attempt: Attempt, of: _Source, table: SourceTable, batches: Sequence[Batch]
) -> dict[Batch, Proposal]:
    """What was read of each day; of one that is not complete at the source, that it is not."""
    look = partial(cassandra.open_table, ctx.spark, of.settings, table)
    with cassandra_failures.reading(ctx.spark, of.settings, table, [batch.day for batch in batches], look):
        whole = look()
        reach = of.reach()  # by this very look, before the read, its days are complete
        refused = of.asked.refused(reach, batches)
        reached = [batch for batch in batches if batch not in refused]
        return {**refused, **(_read(ctx, attempt, of, reach, table, whole, reached) if reached else {})}


def _read(
    ctx: Context,
    attempt: Attempt,
    of: _Source,
    reach: Reach,
    table: SourceTable,
    whole: DataFrame,
    batches: Sequence[Batch],
) -> dict[Batch, Proposal]:
    extra = table.unknown(whole.columns)
    warn_of_unknown(table.name, extra)
    rows = cassandra.read_days(whole, table, [batch.day for batch in batches])
    places = {batch.day: batch.dataset(table.name) for batch in batches}
    written = stage(attempt, rows, places, every_day=True)
    read_at = datetime.now(UTC)
    drafts: dict[Batch, Proposal] = {}
    for batch in batches:
        inputs: dict[str, Any] = {
            "source": f"cassandra {of.settings.keyspace}.{table.name}",
            "window": table.window_of(batch.day),
            "consistency": of.settings.consistency,
            "read_at": read_at.isoformat(),
            "extra_columns": {table.name: extra} if extra else {},
        }
        staged = written[batch.day].staged
        # Cassandra gives no independent count, and none is invented: the ledger begins with the rows read.
        tables = {table.name: DraftTable(staged, {"source": None, "bronze": staged.rows})}
        complete = reach.covers(batch.day, of.asked.settle)
        drafts[batch] = Draft(tables, inputs, versions(ctx.spark), complete)
    return drafts
