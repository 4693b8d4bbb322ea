"""PostgreSQL → bronze: the tables of each day, all days of a run from one snapshot."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from daybook.context import Context
from daybook.contracts import POSTGRES_TABLES
from daybook.contracts.model import SourceTable
from daybook.days import ends
from daybook.errors import DataError
from daybook.extraction import keeps_history, tell_refreshed
from daybook.lake import frames, manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Published, publish
from daybook.report import warn_of_unknown
from daybook.settings import Postgres
from daybook.sources import postgres
from daybook.sources.postgres import Snapshot
from daybook.sources.postgres_reading import reading
from daybook.sources.postgres_relation import Relation
from daybook.spark import versions

Relations = dict[str, Relation]


def publish_days(ctx: Context, source: Postgres, days: Sequence[date], refresh: bool) -> Iterator[Published]:
    """Copy the days as the source has them now, except those that are history already.

    Whole tables are read once and copied to each day on the server side.

    Raises:
        DataError: a table breaks its contract, or fewer or more rows were stored than the server counted.
    """
    batches = [ctx.lake.bronze(POSTGRES_TABLES[0], day) for day in days]  # one holds them all
    before = {batch: manifest.read(ctx.store, batch) for batch in batches}
    pending = [batch for batch in batches if not keeps_history(before[batch], refresh)]
    for batch in batches:
        live = before[batch]
        if live and batch not in pending:
            yield Published(batch, live, live, changed=False)
    if not pending:
        return
    stop = ctx.spark.sparkContext.cancelAllJobs
    with postgres.snapshot(source, POSTGRES_TABLES, stop) as snapshot, Attempt(ctx.store) as shared:
        relations = {table.name: snapshot.relation(table) for table in POSTGRES_TABLES}
        for name, relation in relations.items():
            warn_of_unknown(name, relation.extra)
        whole = {
            t.name: _copied(ctx, shared, snapshot, t, relations[t.name], pending[0])
            for t in POSTGRES_TABLES
            if t.window is None
        }
        for batch in pending:
            yield _publish_day(ctx, snapshot, relations, whole, batch, before[batch])


def _publish_day(
    ctx: Context,
    snapshot: Snapshot,
    relations: Relations,
    whole: dict[str, DraftTable],
    batch: Batch,
    before: Live | None,
) -> Published:
    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        if live and (before is None or live.etag != before.etag):
            return None  # another run was first; its snapshot is as good as ours
        tables = {name: _on(table, batch.day) for name, table in whole.items()}
        for table in POSTGRES_TABLES:
            if table.window:
                tables[table.name] = _copied(ctx, attempt, snapshot, table, relations[table.name], batch)
        snapshot.check()
        inputs = _inputs(snapshot, relations, tables, batch.day)
        return Draft(tables, inputs, versions(ctx.spark), snapshot.taken_at >= ends(batch.day))

    published = publish(ctx.store, batch, make)
    tell_refreshed(published)
    return published


def _copied(
    ctx: Context, attempt: Attempt, snapshot: Snapshot, table: SourceTable, relation: Relation, batch: Batch
) -> DraftTable:
    """One table-day, written and compared with the server's own count in the same snapshot."""
    with reading(snapshot.connection, snapshot.settings.schema, table):
        counted = snapshot.count(table, relation, batch.day)
        rows = snapshot.read(ctx.spark, table, relation, batch.day, counted.longest)
        staged = frames.stage(attempt, rows, batch.dataset(table.name)).staged
    if staged.rows != counted.rows:
        raise DataError(
            f"bronze {table.name} {batch.day}: PostgreSQL counts {counted.rows:,} rows, {staged.rows:,} were read"
        )
    return DraftTable(staged, {"source": counted.rows, "bronze": staged.rows, "without_time": counted.timeless})


def _on(table: DraftTable, day: date) -> DraftTable:
    """A whole table as the content of another day."""
    return replace(table, staged=replace(table.staged, dataset=replace(table.staged.dataset, day=day)))


def _inputs(snapshot: Snapshot, relations: Relations, tables: dict[str, DraftTable], day: date) -> dict[str, Any]:
    return {
        "source": f"postgresql {snapshot.settings.database}.{snapshot.settings.schema}",
        "window": {t.name: t.window_of(day) for t in POSTGRES_TABLES},
        "snapshot": {"id": snapshot.id, "lsn": snapshot.lsn, "taken_at": snapshot.taken_at.isoformat()},
        "read_at": datetime.now(UTC).isoformat(),
        "extra_columns": {name: relation.extra for name, relation in relations.items() if relation.extra},
        "not_held": sorted(snapshot.not_held),
    }
