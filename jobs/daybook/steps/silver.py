"""Bronze → silver: type, judge, reject with reasons, keep the latest per key, prove the counts."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial

from daybook import silver_ledger
from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.errors import DataError, RetryableError, UsageError
from daybook.lake import frames, manifest
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Published, publish
from daybook.log import log
from daybook.side_by_side import side_by_side
from daybook.spark import versions
from daybook.transforms import quality
from daybook.transforms.latest import one_per_key
from daybook.transforms.quality import Judged

# A clock may be a little ahead of the one that ended the extraction.
_CLOCK_TOLERANCE = timedelta(minutes=5)
_LOOKS_AT_ONCE = 8


def publish_days(
    ctx: Context, tables: Sequence[SourceTable], gold: Sequence[GoldTable], days: Sequence[date], force: bool
) -> Iterator[Published]:
    """Make each silver table-day of the days, and what is stale around them, unless its inputs are unchanged.

    Raises:
        RetryableError: bronze is not there yet.
        DataError: a ledger does not balance, or most rows are rejected; nothing of that table-day is published.
        UsageError: integer ids occur and there is no namespace for them.
    """
    publish_one = partial(_publish_table_day, ctx, force)
    return side_by_side(partial(publish_one, *target) for target in _targets(ctx, tables, gold, days))


def _targets(
    ctx: Context, tables: Sequence[SourceTable], gold: Sequence[GoldTable], days: Sequence[date]
) -> list[tuple[SourceTable, date]]:
    """The silver table-days that a run for `days` makes: those asked for, then what is stale around them.

    Gold of the days around reads them together, and never reads silver that means something else than today's.
    """
    asked = [(table, day) for day in days for table in tables]
    beyond = sorted({day for table in gold for day in table.reach(days)} - set(days))
    # Those asked for come first, so that a store that cannot be read is named by what was asked for.
    looked_at = asked + [(table, day) for day in beyond for table in tables]
    batches = [ctx.lake.silver(table, day) for table, day in looked_at]
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        found = list(pool.map(partial(manifest.read, ctx.store), batches))
    beside = zip(looked_at[len(asked) :], found[len(asked) :], strict=True)
    stale = [of for of, live in beside if live and ctx.is_stale(*of, live)]
    for table, day in stale:
        log.info("silver %-28s %s  made again: its meaning, a setting or a rate has changed", table.name, day)
    return asked + stale


def _publish_table_day(ctx: Context, force: bool, table: SourceTable, day: date) -> Published:
    batch = ctx.lake.silver(table, day)
    source = ctx.lake.bronze(table, day)

    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        bronze = manifest.read(ctx.store, source)
        if bronze is None or table.name not in bronze.manifest.tables:
            raise RetryableError(f"{source}: not published yet", then=source.command)
        inputs = ctx.inputs(table, day, {source.manifest: bronze.etag})
        if live and not force and live.manifest.inputs == inputs:
            return None
        draft = _write(ctx, attempt, table, batch, source, bronze)
        return Draft({table.name: draft}, inputs, versions(ctx.spark), bronze.manifest.complete)

    return publish(ctx.store, batch, make)


def _write(ctx: Context, attempt: Attempt, table: SourceTable, batch: Batch, source: Batch, bronze: Live) -> DraftTable:
    """Write clean and rejected rows and let the ledger judge them."""
    read_at = datetime.fromisoformat(bronze.manifest.inputs["read_at"])
    rates, limit = ctx.rates.on(batch.day), ctx.meaning.amount_limit
    _check_columns(table, source, bronze)
    files = manifest.files_of(ctx.store, source, bronze, table.name)
    text = frames.read_csv(ctx.spark, files, table.column_names)
    parameters = quality.parameters(read_at + _CLOCK_TOLERANCE, rates, limit)
    judged = quality.judge(text, table, ctx.meaning.id_namespace, parameters)
    latest = one_per_key(judged.clean, table)
    clean = frames.stage(attempt, latest.rows, batch.dataset(table.name))
    if judged.needs_namespace and ctx.meaning.id_namespace is None:
        raise UsageError(
            f"{source}: {table.name} has rows with integer ids",
            then="export DAYBOOK_ID_NAMESPACE=<a UUID of yours, the same for ever>",
        )
    bad = _rejected(attempt, judged, table, batch) if judged.any_rejected else None
    ledger = {
        "bronze": bronze.manifest.tables[table.name].rows,
        "silver": clean.staged.rows,
        "rejected": bad.staged.rows if bad else 0,
        "duplicates": latest.duplicates,
        "rejected_by_reason": {r: bad.metrics[r] for r in table.reasons if bad.metrics[r]} if bad else {},
    }
    silver_ledger.check_rates(table, batch, ctx.meaning.exchange_rates, ledger)
    silver_ledger.audit(table, batch, ledger)
    return DraftTable(clean.staged, ledger, bad.staged if bad else None)


def _check_columns(table: SourceTable, source: Batch, bronze: Live) -> None:
    """Refuse bronze that was written under a contract with other columns."""
    found = bronze.manifest.tables[table.name].schema
    if sorted(found) != sorted(table.column_names):
        raise DataError(
            f"{source}: {table.name} has the columns {', '.join(found)}; the contract {', '.join(table.column_names)}",
            then=f"{source.command} --refresh",
        )


def _rejected(attempt: Attempt, judged: Judged, table: SourceTable, batch: Batch) -> frames.Written:
    """Write the rejected rows, read from bronze once more, and count their reasons in the stage that writes."""
    return frames.stage(attempt, judged.rejected, batch.rejected(table.name), judged.by_reason)
