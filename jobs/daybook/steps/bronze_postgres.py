"""PostgreSQL → bronze: the tables of each day, all days of a run from one snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from daybook.context import Context
from daybook.contracts import POSTGRES_TABLES
from daybook.contracts.model import SourceTable
from daybook.errors import DaybookError, RetryableError
from daybook.lake import manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcomes, Proposal, Publication, Published, Try
from daybook.settings import Postgres
from daybook.sources import postgres, postgres_reach
from daybook.sources.extraction import Asked, tell_refreshed
from daybook.spark.progress import versions
from daybook.steps.outcomes import each
from daybook.steps.passes import passes
from daybook.steps.postgres_tables import Source, copied, inputs, on_day, sound
from daybook.steps.report import warn_of_clocks, warn_of_unknown

Tables = dict[str, DraftTable]


def publish_days(
    ctx: Context,
    source: Postgres,
    days: Sequence[date],
    asked: Asked,
    tables: Sequence[SourceTable] = POSTGRES_TABLES,
) -> Iterator[Published]:
    """Copy the days as the source has them now, except those that are history already.

    Whole tables are read once and copied to each day on the server side; a table that is read by day is read once for
    all days of a pass. Of a day that the server is not far enough for, nothing is read, unless it may be incomplete.

    Some `tables` alone are read again of days that are whole: what the others were read to be stays as it is.

    Raises:
        DataError: a table breaks its contract, or fewer or more rows were stored than the server counted; at the end,
            when the other days are published, if it is of one day alone, or that day's manifest cannot be understood.
        RetryableError: the server is not far enough for a day; at the end, when the other days are published.
    """
    batches = [ctx.lake.bronze(POSTGRES_TABLES[0], day) for day in days]  # one holds them all
    before, unread = manifest.understood(ctx.store, batches)
    not_read: dict[Batch, DaybookError] = {**unread, **_lacking(tables, before)}
    there = {batch: live for batch, live in before.items() if batch not in not_read}
    pending = [batch for batch, live in there.items() if not asked.keeps(live)]
    for batch, live in there.items():
        if live and batch not in pending:
            yield Published(batch, live, live, changed=False)
    if not pending:
        yield from each([not_read])
        return
    stop = ctx.spark.sparkContext.cancelAllJobs
    postgres_reach.wait(source, pending[-1].day, asked.settle)
    with postgres.snapshot(source, tables, stop) as snapshot, Attempt(ctx.store) as shared:
        warn_of_clocks(snapshot.reach)
        refused = asked.refused(snapshot.reach, pending)
        reached = [batch for batch in pending if batch not in refused]
        of = Source(snapshot, tables, {table.name: snapshot.relation(table) for table in tables}, before, asked)
        yield from each(chain([not_read], _publish(ctx, shared, of, reached), [refused]))


def _lacking(tables: Sequence[SourceTable], lives: Mapping[Batch, Live | None]) -> dict[Batch, DaybookError]:
    """Return the days of which some `tables` alone cannot be read again: they are not there as a whole."""
    if len(tables) == len(POSTGRES_TABLES):
        return {}
    line = "%s: one table alone is read again where all were read once the day had ended"
    return {
        batch: RetryableError(line % batch, then=batch.command)
        for batch, live in lives.items()
        if not (live and live.manifest.complete)
    }


def _publish(ctx: Context, shared: Attempt, of: Source, batches: Sequence[Batch]) -> Iterator[Outcomes]:
    """Read the whole tables once, then the others pass by pass; what became of each pass."""
    if not batches:
        return
    for name, relation in of.relations.items():
        warn_of_unknown(name, relation.extra)
    whole: Tables = {}
    for table in of.tables:
        if table.window is None:
            [once] = copied(ctx, shared, of, table, batches[:1]).values()
            whole[table.name] = sound(of, table, once)
    for together in passes(((batch.day, 0) for batch in batches), ctx.bounds):
        yield _publish_days_of(ctx, of, whole, together)


def _publish_days_of(ctx: Context, of: Source, whole: Tables, days: Sequence[date]) -> Outcomes:
    publication = Publication(ctx.store, [ctx.lake.bronze(POSTGRES_TABLES[0], day) for day in days])
    for attempt in publication.tries():
        with attempt:
            lacking = _lacking(of.tables, attempt.lives)
            ours = {batch: of.ours(batch, live) for batch, live in attempt.lives.items() if batch not in lacking}
            given_way: dict[Batch, Proposal] = {batch: None for batch, tables in ours.items() if not tables}
            to_read = {batch: tables for batch, tables in ours.items() if tables}
            drafts = _drafts(ctx, attempt, of, whole, to_read) if to_read else {}
            attempt.propose(lacking | given_way | drafts)
    tell_refreshed(publication.outcomes.values())
    return publication.outcomes


def _drafts(
    ctx: Context, attempt: Try, of: Source, whole: Tables, ours: Mapping[Batch, Sequence[SourceTable]]
) -> dict[Batch, Proposal]:
    """Read the days; for each what it is to hold: `ours` as read, and the other tables as they are live."""
    by_day = {table: copied(ctx, attempt, of, table, list(ours)) for table in of.tables if table.window}
    of.snapshot.check()
    drafts: dict[Batch, Proposal] = {}
    for batch, tables in ours.items():
        try:
            read = {name: on_day(table, batch.day) for name, table in whole.items()}
            read |= {table.name: sound(of, table, of_days[batch]) for table, of_days in by_day.items()}
        except DaybookError as error:
            drafts[batch] = error
            continue
        live = attempt.lives[batch]
        new = {table.name: read[table.name] for table in tables}
        kept = {name: entry for name, entry in live.manifest.tables.items() if name not in new} if live else {}
        source = inputs(of, batch.day, tables, live if kept else None)
        drafts[batch] = Draft(new, source, versions(ctx.spark), of.is_complete(batch.day), kept=kept)
    return drafts
