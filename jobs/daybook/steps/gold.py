"""Silver → gold: which days a run writes, from which silver days each is made, and when it is left alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from daybook.arguments import span
from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.days.counts import DAY
from daybook.errors import DataError, DaybookError
from daybook.gold import MAKERS
from daybook.gold.given import Told
from daybook.lake import frames, manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcome, Published
from daybook.log import log
from daybook.proof import gold_ledger
from daybook.spark.progress import progress, versions
from daybook.steps.one_pass import Outcomes, each, publish_pass
from daybook.steps.passes import passes
from daybook.steps.side_by_side import side_by_side
from daybook.steps.silver_days import SilverDays


def publish_days(
    ctx: Context, tables: Sequence[GoldTable], sources: Sequence[SourceTable], days: Sequence[date], force: bool
) -> Iterator[Published]:
    """Make the gold table-days that read silver of the days, unless their inputs are unchanged.

    What is wrong with one table-day stops that one alone; on a day around those asked for it is a warning.

    Raises:
        RetryableError: own silver of one of the days is not published, or a silver day it reads is stale.
        DataError: a ledger of gold does not balance; nothing of that table-day is published.
    """
    ctx.begin_figures(days)
    sizes, obstacles = _targets(ctx, tables, sources, days)
    some = [(table, together) for table in tables for together in passes(sizes[table.name], ctx.bounds)]
    make = partial(_publish_days_of, ctx, sources, days, force)
    figures = (partial(make, table, together) for table, together in some if not table.is_ledger)
    ledgers = (partial(make, table, together) for table, together in some if table.is_ledger)
    return each(chain(side_by_side(figures, ledgers), [obstacles]), lambda batch, _: batch.day not in days)


def _targets(
    ctx: Context, tables: Sequence[GoldTable], sources: Sequence[SourceTable], days: Sequence[date]
) -> tuple[dict[str, list[tuple[date, int]]], dict[Batch, DaybookError]]:
    """By table the gold days that read any of the silver `days`: those days, and neighbours, each once.

    Beside each day the bytes of its own silver. Second, what cannot be made, and why: its own silver is missing, it
    would read stale silver, or a manifest cannot be understood. A neighbour without silver of its own is only told; it
    is made when that is there.
    """
    found: dict[str, list[tuple[date, int]]] = {table.name: [] for table in tables}
    obstacles: dict[Batch, DaybookError] = {}
    for table in tables:
        for day in table.days_made_for(days):
            try:
                silver = SilverDays.read(ctx, table, sources, [day])
                obstacle = silver.obstacle(day)
            except DataError as error:
                obstacles[ctx.lake.gold(table, day)] = error
                continue
            for batch in silver.outdated(day) if obstacle is None and day in days else ():
                line = "gold %s %s reads %s as it was made, under another meaning, setting or rate: its bronze is gone"
                log.warning(line, table.name, day, batch)
            if obstacle is None:
                found[table.name].append((day, silver.bytes(day)))
            elif day not in days and silver.missing(day):
                log.info("gold   %-28s %s  skipped: its own silver is not published", table.name, day)
            else:
                obstacles[ctx.lake.gold(table, day)] = obstacle
    return found, obstacles


def _publish_days_of(
    ctx: Context,
    sources: Sequence[SourceTable],
    asked: Sequence[date],
    force: bool,
    table: GoldTable,
    days: Sequence[date],
) -> Outcomes:
    def make(attempt: Attempt, lives: Mapping[Batch, Live | None]) -> dict[Batch, Outcome]:
        silver = SilverDays.read(ctx, table, sources, [batch.day for batch in lives])
        outcomes: dict[Batch, Outcome] = {}
        inputs = {}
        for batch, live in lives.items():
            now = ctx.inputs(table, batch.day, silver.etags(batch.day))
            if obstacle := silver.obstacle(batch.day):
                outcomes[batch] = obstacle
            elif live and not force and live.manifest.inputs == now:
                outcomes[batch] = None
            else:
                inputs[batch] = now
        drafts = _write(ctx, attempt, table, silver, list(inputs))
        told = _told(ctx, table, silver, list(inputs))
        for batch, made in drafts.items():
            if isinstance(made, DataError):
                outcomes[batch] = made
            else:
                live = lives[batch]
                own_run = batch.day in asked or bool(live and live.manifest.has_ledgers)
                own = {name: value for name, value in inputs[batch].items() if name != "manifests"}
                origin = {**silver.origin(batch.day), **told[batch.day], "own": own, "forced": force}
                origin |= {"tallies": silver.tallies(batch.day)} if table.tallies else {}
                origin[manifest.OWN_RUN] = own_run
                complete = silver.complete(batch.day)
                outcomes[batch] = Draft({table.name: made}, inputs[batch], versions(ctx.spark), complete, origin)
        return outcomes

    return publish_pass(ctx.store, [ctx.lake.gold(table, day) for day in days], make)


def _write(
    ctx: Context, attempt: Attempt, table: GoldTable, silver: SilverDays, batches: Sequence[Batch]
) -> dict[Batch, DraftTable | DataError]:
    """Write the rows of the days, prove them against silver, and let their ledgers judge them."""
    if not batches:
        return {}
    maker, days, spark = MAKERS[table.name], [batch.day for batch in batches], ctx.spark  # no expression without it
    rows = maker.rows(silver, days)
    places = {batch.day: batch.dataset(table.name) for batch in batches}
    if len(days) == 1:
        figures = {line: F.expr(sql) for line, sql in table.figures.items()}
        written = {days[0]: frames.stage(attempt, rows, places[days[0]], figures)}
        seen = {days[0]: written[days[0]].metrics}
    else:
        together = rows.withColumn(DAY, F.col(table.day_column))
        written = frames.stage_days(attempt, together, places, every_day=True)
        seen = _seen(spark, table, written)
        if any(silver.alarms().values()):  # of which day, nobody can say yet
            raise DataError(f"gold {table.name} {span(days)}: a figure is impossible: {silver.alarms()}")
    with progress(spark, f"audit {table.name} {span(days)}, from silver"):
        proof = maker.proof(silver, days)
    return {
        batch: _judged(table, batch.day, written[batch.day], seen[batch.day], silver, proof[batch.day])
        for batch in batches
    }


def _told(ctx: Context, table: GoldTable, silver: SilverDays, batches: Sequence[Batch]) -> Told:
    """What the table's module tells of the days.

    Raises:
        DataError: of a frame of silver, for the rows, their proof or this, fewer rows were read than it has.
    """
    if not batches:
        return {}
    days = [batch.day for batch in batches]
    with progress(ctx.spark, f"look at {table.name} {span(days)}"):
        told = MAKERS[table.name].told(silver, days)
    silver.check_read(f"gold {table.name} {span(days)}")  # of all frames, now that the last was computed
    return told


def _seen(spark: SparkSession, table: GoldTable, written: Mapping[date, frames.Written]) -> dict[date, dict[str, Any]]:
    """The figures of each day, from what is stored."""
    files = [file.name for each in written.values() for file in each.staged.files]
    figures = F.struct(F.count(F.lit(1)).alias("rows"), *(F.expr(sql).alias(ln) for ln, sql in table.figures.items()))
    stored = frames.read_parquet(spark, files, {c.name: c.type_in.spark for c in table.columns})
    of_day = F.struct(F.col(table.day_column), F.col("figures"))
    found = stored.groupBy(table.day_column).agg(figures.alias("figures"))
    with progress(spark, f"figures {table.name} {span(list(written))}"):
        one = found.agg(F.map_from_entries(F.collect_list(of_day))).first()
        none = stored.limit(0).agg(figures).first()
    assert one is not None and none is not None, "an aggregate without groups has one row"
    return {day: one[0].get(day, none[0]).asDict() for day in written}


def _judged(
    table: GoldTable,
    day: date,
    written: frames.Written,
    seen: Mapping[str, Any],
    silver: SilverDays,
    proof: Mapping[str, int | Decimal],
) -> DraftTable | DataError:
    """The day's table if its ledger holds, else why it does not."""
    ledger = gold_ledger.drawn_up(table, {**seen, **silver.tallies(day)}, silver.alarms(), proof)
    try:
        gold_ledger.audit(table, day, ledger)
    except DataError as error:
        return error
    return DraftTable(written.staged, ledger)
