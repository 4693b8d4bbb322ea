"""Cassandra → bronze: one batch per table and day."""

from collections.abc import Iterator, Sequence
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
from daybook.lake.publish import Published, publish
from daybook.report import warn_of_unknown
from daybook.settings import Cassandra
from daybook.side_by_side import side_by_side
from daybook.sources import cassandra, cassandra_failures
from daybook.spark import versions


def publish_days(
    ctx: Context, source: Cassandra, tables: Sequence[SourceTable], days: Sequence[date], refresh: bool
) -> Iterator[Published]:
    """Copy each table-day as the source has it now, unless it is history already.

    Raises:
        DataError: a table breaks its contract, or its day cannot be pushed down.
    """
    publish_one = partial(_publish_table_day, ctx, source, refresh)
    return side_by_side(partial(publish_one, table, day) for day in days for table in tables)


def _publish_table_day(ctx: Context, source: Cassandra, refresh: bool, table: SourceTable, day: date) -> Published:
    batch = ctx.lake.bronze(table, day)

    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        return None if keeps_history(live, refresh) else _draft(ctx, attempt, source, table, batch)

    published = publish(ctx.store, batch, make)
    tell_refreshed(published)
    return published


def _draft(ctx: Context, attempt: Attempt, source: Cassandra, table: SourceTable, batch: Batch) -> Draft:
    begun_at = datetime.now(UTC)
    with cassandra_failures.reading(ctx.spark, source, table, batch.day):
        whole = cassandra.open_table(ctx.spark, source, table)
        extra = table.unknown(whole.columns)
        warn_of_unknown(table.name, extra)
        rows = cassandra.read_day(whole, table, batch.day)
        staged = frames.stage(attempt, rows, batch.dataset(table.name)).staged
    read_at = datetime.now(UTC)
    inputs: dict[str, Any] = {
        "source": f"cassandra {source.keyspace}.{table.name}",
        "window": table.window_of(batch.day),
        "consistency": source.consistency,
        "read_at": read_at.isoformat(),
        "extra_columns": {table.name: extra} if extra else {},
    }
    # Cassandra gives no independent count, and none is invented: the ledger begins with the rows read.
    draft = DraftTable(staged, {"source": None, "bronze": staged.rows})
    # By the time before the read: what was written while it ran over midnight may be missing.
    return Draft({table.name: draft}, inputs, versions(ctx.spark), begun_at >= ends(batch.day))
