"""Some days of a gold table: its rows, their proof from silver, and when a day is left alone."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from daybook.arguments import span
from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.days.of_days import OfDays
from daybook.errors import DataError
from daybook.gold import MAKERS
from daybook.gold.given import Told
from daybook.lake import frames, manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcomes, Proposal, Publication, Try
from daybook.lake.staging import Written, stage
from daybook.proof import gold_ledger
from daybook.spark.progress import progress, versions
from daybook.steps.silver_days import SilverDays
from daybook.steps.silver_manifests import SilverManifests

Inputs = dict[str, Any]


def publish_days_of(
    ctx: Context,
    sources: Sequence[SourceTable],
    asked: Sequence[date],
    force: bool,
    table: GoldTable,
    days: Sequence[date],
) -> Outcomes:
    """Make some days of a table in one go, unless their inputs are those that they were made from.

    `asked` are the days that the run is for.
    """
    publication = Publication(ctx.store, [ctx.lake.gold(table, day) for day in days])
    for attempt in publication.tries():
        with attempt:
            manifests = SilverManifests.read(ctx, table, sources, [batch.day for batch in attempt.lives])
            not_made, inputs = _looked_up(manifests, attempt.lives, force)
            attempt.propose(not_made | (_drafts(attempt, manifests, inputs, asked, force) if inputs else {}))
    return publication.outcomes


def _looked_up(
    manifests: SilverManifests, lives: Mapping[Batch, Live | None], force: bool
) -> tuple[dict[Batch, Proposal], dict[Batch, Inputs]]:
    """Return what becomes of the table-days that are not made, and the inputs of the others."""
    not_made: dict[Batch, Proposal] = {}
    inputs = {}
    for batch, live in lives.items():
        now, obstacle = manifests.inputs(batch.day), manifests.obstacle(batch.day)
        if obstacle:
            not_made[batch] = obstacle
        elif live and not force and live.manifest.inputs == now:
            not_made[batch] = None
        else:
            inputs[batch] = now
    return not_made, inputs


def _drafts(
    attempt: Try, manifests: SilverManifests, inputs: Mapping[Batch, Inputs], asked: Sequence[date], force: bool
) -> dict[Batch, Proposal]:
    """Make the days, and draw up what each was made from."""
    table, silver, spark = manifests.table, SilverDays(manifests), manifests.ctx.spark
    made, told = _made(attempt, silver, list(inputs)), _told(silver, [batch.day for batch in inputs])
    drafts: dict[Batch, Proposal] = {}
    for batch, found in made.items():
        if isinstance(found, DataError):
            drafts[batch] = found
            continue
        live = attempt.lives[batch]
        own = {name: value for name, value in inputs[batch].items() if name != "manifests"}
        origin = {**manifests.origin(batch.day), **told[batch.day], "own": own, "forced": force}
        origin |= {"tallies": silver.tallies(batch.day)} if table.tallies else {}
        origin[manifest.OWN_RUN] = batch.day in asked or bool(live and live.manifest.has_ledgers)
        complete = manifests.complete(batch.day)
        drafts[batch] = Draft({table.name: found}, inputs[batch], versions(spark), complete, origin)
    return drafts


def _made(attempt: Attempt, silver: SilverDays, batches: Sequence[Batch]) -> dict[Batch, DraftTable | DataError]:
    """Write the rows of the days, prove them against silver, and let their ledgers judge them."""
    table, spark = silver.manifests.table, silver.manifests.ctx.spark  # no expression without it
    maker, days = MAKERS[table.name], [batch.day for batch in batches]
    rows = OfDays.told(maker.rows(silver, days), days, F.col(table.day_column), ["*"])
    figures = rows.observable({line: F.expr(sql) for line, sql in table.figures.items()})
    written = stage(attempt, rows, {b.day: b.dataset(table.name) for b in batches}, aggregates=figures, every_day=True)
    seen: Mapping[date, Mapping[str, Any]] = {day: of_day.metrics for day, of_day in written.items()}
    if figures is None:
        seen = _stored_figures(spark, table, written)
        if any(silver.alarms().values()):  # of which day, nobody can say yet
            raise DataError(f"gold {table.name} {span(days)}: a figure is impossible: {silver.alarms()}")
    with progress(spark, f"audit {table.name} {span(days)}, from silver"):
        proof = maker.proof(silver, days)
    return {
        batch: _judged(silver, batch.day, written[batch.day], seen[batch.day], proof[batch.day]) for batch in batches
    }


def _stored_figures(
    spark: SparkSession, table: GoldTable, written: Mapping[date, Written]
) -> dict[date, dict[str, Any]]:
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
    silver: SilverDays, day: date, written: Written, seen: Mapping[str, Any], proof: Mapping[str, int | Decimal]
) -> DraftTable | DataError:
    """The day's table if its ledger holds, else why it does not."""
    table = silver.manifests.table
    ledger = gold_ledger.drawn_up(table, {**seen, **silver.tallies(day)}, silver.alarms(), proof)
    try:
        gold_ledger.audit(table, day, ledger)
    except DataError as error:
        return error
    return DraftTable(written.staged, ledger)


def _told(silver: SilverDays, days: Sequence[date]) -> Told:
    """What the table's module tells of the days.

    Raises:
        DataError: of a frame of silver, for the rows, their proof or this, fewer rows were read than it has.
    """
    table = silver.manifests.table
    with progress(silver.manifests.ctx.spark, f"look at {table.name} {span(days)}"):
        told = MAKERS[table.name].told(silver, days)
    silver.check_read(f"gold {table.name} {span(days)}")  # of all frames, now that the last was computed
    return told
