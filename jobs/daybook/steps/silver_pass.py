"""Some days of a table, bronze → silver: type, judge, reject with reasons, the latest per key, proven counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pyspark.sql import DataFrame

from daybook import commands
from daybook.context import Context
from daybook.contracts.model import SourceTable
from daybook.errors import DataError, DaybookError, RetryableError
from daybook.lake import frames, manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import MakeAll, Outcome
from daybook.proof import silver_ledger
from daybook.sources.extraction import read_at
from daybook.spark.progress import versions
from daybook.steps import silver_ids
from daybook.steps.one_pass import Outcomes, publish_pass
from daybook.transforms import quality
from daybook.transforms.latest import one_per_key
from daybook.transforms.quality import Judged

# A clock may be a little ahead of the one that ended the extraction.
_CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class _Source:
    """What one table-day is made from."""

    batch: Batch
    bronze: Live
    inputs: dict[str, Any]


def publish_days_of(ctx: Context, force: bool, table: SourceTable, days: Sequence[date]) -> Outcomes:
    """Make some days of a table in one go, unless their inputs are those that they were made from."""
    return publish_pass(ctx.store, [ctx.lake.silver(table, day) for day in days], _maker(ctx, force, table))


def _maker(ctx: Context, force: bool, table: SourceTable) -> MakeAll:
    def make(attempt: Attempt, lives: Mapping[Batch, Live | None]) -> dict[Batch, Outcome]:
        outcomes: dict[Batch, Outcome] = {}
        sources = {}
        for batch, live in lives.items():
            try:
                source = _source(ctx, table, batch.day)
            except DaybookError as error:
                outcomes[batch] = error
                continue
            if source is None:
                outcomes[batch] = _without_bronze(ctx, table, batch, live, force)
            elif live and not force and live.manifest.inputs == source.inputs:
                outcomes[batch] = None
            else:
                sources[batch] = source
        return outcomes | (_write(ctx, attempt, table, sources) if sources else {})

    return make


def _source(ctx: Context, table: SourceTable, day: date) -> _Source | None:
    """What the table-day is made from; None: there is no bronze of it."""
    batch, bronze = ctx.lake.bronze(table, day), ctx.bronze(table, day)
    if bronze is None:
        return None
    _check_columns(table, batch, bronze)
    return _Source(batch, bronze, ctx.inputs(table, day, {batch.key: bronze.etag}))


def _without_bronze(ctx: Context, table: SourceTable, batch: Batch, live: Live | None, force: bool) -> Outcome:
    """What becomes of a table-day without bronze: what was published stays, unless it is asked for anew."""
    bronze = ctx.lake.bronze(table, batch.day)
    if live is None:
        lacks = manifest.read(ctx.store, bronze) is not None
        then = commands.read_again(table, batch.day) if lacks else bronze.command
        return RetryableError(f"{bronze}: {f'has no {table.name}' if lacks else 'not published yet'}", then=then)
    if not force and not ctx.is_stale(table, batch.day, live):
        return None
    return DataError(
        f"{batch}: cannot be made again, for {bronze} is gone; what is published stays",
        then=f"restore {bronze.manifest} and its files; {bronze.command} would read today's source in their place",
    )


def _write(
    ctx: Context, attempt: Attempt, table: SourceTable, sources: Mapping[Batch, _Source]
) -> dict[Batch, Outcome]:
    """Write clean and rejected rows of the days and let their ledgers judge them."""
    days = [batch.day for batch in sources]
    meaning, bronze, parameters = ctx.meaning, _bronze(ctx, table, sources), _parameters(ctx, sources)
    judged = quality.judge(bronze, table, meaning.id_namespace, parameters, month_first=meaning.month_first)
    latest = one_per_key(judged.clean, table, days)
    places = {batch.day: batch.dataset(table.name) for batch in sources}
    clean = frames.stage_days(attempt, latest.rows, places, every_day=True)
    of = {batch: source.batch for batch, source in sources.items()}
    refused = silver_ids.refused(bronze, table, of) if judged.any_integer_id else {}
    bad = _rejected(attempt, judged, table, list(sources)) if judged.any_rejected and len(refused) < len(days) else {}
    return refused | {
        batch: _draft(ctx, table, batch, source, clean[batch.day], bad.get(batch.day), latest.duplicates(batch.day))
        for batch, source in sources.items()
        if batch not in refused
    }


def _rejected(
    attempt: Attempt, judged: Judged, table: SourceTable, batches: Sequence[Batch]
) -> dict[date, frames.Written]:
    """Write the rejected rows, read from bronze once more, and count their reasons in the stage that writes."""
    places = {batch.day: batch.rejected(table.name) for batch in batches}
    return frames.stage_days(attempt, judged.rejected, places, judged.by_reason)


def _bronze(ctx: Context, table: SourceTable, sources: Mapping[Batch, _Source]) -> DataFrame:
    files = {
        batch.day: manifest.files_of(ctx.store, source.batch, source.bronze, table.name)
        for batch, source in sources.items()
    }
    return frames.read_csv(ctx.spark, files, table.column_names)


def _parameters(ctx: Context, sources: Mapping[Batch, _Source]) -> dict[str, str]:
    return quality.of_days(
        {
            batch.day: quality.parameters(
                read_at(source.bronze.manifest, batch.name) + _CLOCK_TOLERANCE,
                ctx.rates.on(batch.day),
                ctx.meaning.in_rules,
            )
            for batch, source in sources.items()
        }
    )


def _draft(
    ctx: Context,
    table: SourceTable,
    batch: Batch,
    source: _Source,
    clean: frames.Written,
    bad: frames.Written | None,
    duplicates: int,
) -> Outcome:
    """The day's draft if its ledger holds, else why it does not."""
    ledger = {
        "bronze": source.bronze.manifest.tables[table.name].rows,
        "silver": clean.staged.rows,
        "rejected": bad.staged.rows if bad else 0,
        "duplicates": duplicates,
        "rejected_by_reason": {r: bad.metrics[r] for r in table.reasons if bad.metrics[r]} if bad else {},
    }
    try:
        silver_ledger.check_rates(table, batch, ctx.meaning.exchange_rates, ledger)
        silver_ledger.audit(table, batch, ledger)
    except DataError as error:
        return error
    draft = DraftTable(clean.staged, ledger, bad.staged if bad else None)
    return Draft({table.name: draft}, source.inputs, versions(ctx.spark), source.bronze.manifest.complete)


def _check_columns(table: SourceTable, source: Batch, bronze: Live) -> None:
    """Refuse bronze that was written under a contract with other columns."""
    found = bronze.manifest.tables[table.name].schema
    if sorted(found) != sorted(table.column_names):
        raise DataError(
            f"{source}: {table.name} has the columns {', '.join(found)}; the contract {', '.join(table.column_names)}",
            then=f"{source.command} --refresh",
        )
