"""PostgreSQL → bronze: the tables of each day, all days of a run from one snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from daybook.context import Context
from daybook.contracts import POSTGRES_TABLES
from daybook.contracts.model import SourceTable
from daybook.errors import DataError, DaybookError, RetryableError
from daybook.extraction import Asked, tell_refreshed
from daybook.lake import frames, manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcome, Published
from daybook.passes import passes
from daybook.report import warn_of_clocks, warn_of_unknown
from daybook.settings import Postgres
from daybook.sources import postgres, postgres_reach
from daybook.sources.postgres import Counted, Snapshot
from daybook.sources.postgres_reading import reading
from daybook.sources.postgres_relation import Relation
from daybook.sources.postgres_sql import TIMELESS
from daybook.spark import versions
from daybook.steps.one_pass import Outcomes, each, publish_pass

Tables = dict[str, DraftTable]
_HOLD_STILL = (
    "make the view {name} without now(), random(), functions that ask them and foreign tables (docs/sources.md), then "
    "run the same command again"
)


@dataclass(frozen=True)
class _Source:
    """The snapshot, what it says of each table, and what was live of each day before it was taken."""

    snapshot: Snapshot
    relations: Mapping[str, Relation]
    before: Mapping[Batch, Live | None]
    asked: Asked

    def is_complete(self, day: date) -> bool:
        """Whether the snapshot has the day to its end."""
        return self.snapshot.reach.covers(day, self.asked.settle)

    def was_second(self, batch: Batch, live: Live | None) -> bool:
        """Whether another run has published the day meanwhile, of a snapshot as good as ours."""
        if live is None or ((old := self.before[batch]) and live.etag == old.etag):
            return False
        return live.manifest.complete or not self.is_complete(batch.day)


def publish_days(ctx: Context, source: Postgres, days: Sequence[date], asked: Asked) -> Iterator[Published]:
    """Copy the days as the source has them now, except those that are history already.

    Whole tables are read once and copied to each day on the server side; a table that is read by day is read once for
    all days of a pass. Of a day that the server is not far enough for, nothing is read, unless it may be incomplete.

    Raises:
        DataError: a table breaks its contract, or fewer or more rows were stored than the server counted.
        RetryableError: the server is not far enough for a day; at the end, when the other days are published.
    """
    batches = [ctx.lake.bronze(POSTGRES_TABLES[0], day) for day in days]  # one holds them all
    before = {batch: manifest.read(ctx.store, batch) for batch in batches}
    pending = [batch for batch in batches if not asked.keeps(before[batch])]
    for batch in batches:
        live = before[batch]
        if live and batch not in pending:
            yield Published(batch, live, live, changed=False)
    if not pending:
        return
    stop = ctx.spark.sparkContext.cancelAllJobs
    postgres_reach.wait(source, pending[-1].day, asked.settle)
    with postgres.snapshot(source, POSTGRES_TABLES, stop) as snapshot, Attempt(ctx.store) as shared:
        warn_of_clocks(snapshot.reach)
        refused = asked.refused(snapshot.reach, pending)
        reached = [batch for batch in pending if batch not in refused]
        relations = {table.name: snapshot.relation(table) for table in POSTGRES_TABLES}
        of = _Source(snapshot, relations, before, asked)
        made = _publish(ctx, shared, of, reached) if reached else ()
        yield from each(chain(made, [refused]))


def _publish(ctx: Context, shared: Attempt, of: _Source, batches: Sequence[Batch]) -> Iterator[Outcomes]:
    """Read the whole tables once, then the others pass by pass; what became of each pass."""
    for name, relation in of.relations.items():
        warn_of_unknown(name, relation.extra)
    whole: Tables = {}
    for table in POSTGRES_TABLES:
        if table.window is None:
            [copied] = _copied(ctx, shared, of, table, batches[:1]).values()
            whole[table.name] = _sound(of, table, copied)
    for together in passes(((batch.day, 0) for batch in batches), ctx.bounds):
        yield _publish_days_of(ctx, of, whole, together)


def _publish_days_of(ctx: Context, of: _Source, whole: Tables, days: Sequence[date]) -> Outcomes:
    def make(attempt: Attempt, lives: Mapping[Batch, Live | None]) -> dict[Batch, Outcome]:
        first = [batch for batch, live in lives.items() if of.was_second(batch, live)]
        ours = [batch for batch in lives if batch not in first]
        return dict.fromkeys(first) | (_drafts(ctx, attempt, of, whole, ours) if ours else {})

    outcomes = publish_pass(ctx.store, [ctx.lake.bronze(POSTGRES_TABLES[0], day) for day in days], make)
    tell_refreshed(outcomes.values())
    return outcomes


def _drafts(
    ctx: Context, attempt: Attempt, of: _Source, whole: Tables, batches: Sequence[Batch]
) -> dict[Batch, Outcome]:
    by_day = {table: _copied(ctx, attempt, of, table, batches) for table in POSTGRES_TABLES if table.window}
    of.snapshot.check()
    drafts: dict[Batch, Outcome] = {}
    for batch in batches:
        try:
            tables = {name: _on(table, batch.day) for name, table in whole.items()}
            tables |= {table.name: _sound(of, table, copied[batch]) for table, copied in by_day.items()}
        except DaybookError as error:
            drafts[batch] = error
        else:
            drafts[batch] = Draft(tables, _inputs(of, batch.day), versions(ctx.spark), of.is_complete(batch.day))
    return drafts


def _copied(
    ctx: Context, attempt: Attempt, of: _Source, table: SourceTable, batches: Sequence[Batch]
) -> dict[Batch, DraftTable]:
    """Some days of a table, written, beside the server's own count of each in the same snapshot."""
    snapshot, relation, days = of.snapshot, of.relations[table.name], [batch.day for batch in batches]
    with reading(snapshot.connection, snapshot.settings.schema, table):
        counted = {day: snapshot.count(table, relation, day) for day in days}
        rows = snapshot.read(ctx.spark, table, relation, days, max(of_day.longest for of_day in counted.values()))
        places = {batch.day: batch.dataset(table.name) for batch in batches}
        written = frames.stage_days(attempt, rows, places, every_day=True)
    copied = {}
    for batch in batches:
        count, staged = counted[batch.day], written[batch.day].staged
        copied[batch] = DraftTable(staged, _ledger(count, staged.rows))
    return copied


def _ledger(counted: Counted, read: int) -> dict[str, Any]:
    """What the server counted beside what was read; rows that lie on no day, by what they have for a time."""
    outside = {kind: rows for kind, rows in counted.outside.items() if kind != TIMELESS}
    ledger = {"source": counted.rows, "bronze": read, "without_time": counted.outside.get(TIMELESS, 0)}
    return ledger | ({"outside_days": outside} if outside else {})


def _sound(of: _Source, table: SourceTable, copied: DraftTable) -> DraftTable:
    """The same, if as many rows were read as the server counted.

    Raises:
        DataError: they were not.
        RetryableError: nor does the server count as many a second time: the relation does not hold still.
    """
    day, counted, read = copied.staged.dataset.day, copied.ledger["source"], copied.ledger["bronze"]
    if read == counted:
        return copied
    line = f"bronze {table.name} {day}: PostgreSQL counts {counted:,} rows, {read:,} were read"
    again = of.snapshot.count_again(table, of.relations[table.name], day)
    if again == counted:
        raise DataError(line)
    name = f"{of.snapshot.settings.schema}.{table.name}"
    line += f", and another session counts {again:,}: {name} gives each session other rows of one snapshot"
    raise RetryableError(line, then=_HOLD_STILL.format(name=name))


def _on(table: DraftTable, day: date) -> DraftTable:
    """A whole table as the content of another day."""
    return replace(table, staged=replace(table.staged, dataset=replace(table.staged.dataset, day=day)))


def _inputs(of: _Source, day: date) -> dict[str, Any]:
    snapshot, replayed = of.snapshot, of.snapshot.replayed_until
    taken = {"id": snapshot.id, "lsn": snapshot.lsn, "taken_at": snapshot.taken_at.isoformat()}
    return {
        "source": f"postgresql {snapshot.settings.database}.{snapshot.settings.schema}",
        "window": {t.name: t.window_of(day) for t in POSTGRES_TABLES},
        "snapshot": taken | ({"replayed_until": replayed.isoformat()} if replayed else {}),
        "read_at": datetime.now(UTC).isoformat(),
        "extra_columns": {name: relation.extra for name, relation in of.relations.items() if relation.extra},
        "not_held": sorted(snapshot.not_held),
    }
