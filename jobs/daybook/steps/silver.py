"""Bronze → silver: type, judge, reject with reasons, keep the latest per key, prove the counts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable
from daybook.errors import DataError, RetryableError, UsageError
from daybook.lake import frames, manifest, publish
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch, Dataset, postgres_batch, rejected
from daybook.runtime import log
from daybook.session import versions
from daybook.steps import silver_days
from daybook.steps.context import Context
from daybook.transforms import latest, quality

# A clock may be a little ahead of the one that ended the extraction.
_CLOCK_TOLERANCE = timedelta(minutes=5)
# Below so many rejected rows a large share means a small table, not a broken source.
_FEW = 100
_LOOKS_AT_ONCE = 8
_RATE_LACKING = ("currency:no_rate", "currency:rate_too_old")


def targets(ctx: Context, tables: Sequence[SourceTable], days: Sequence[date]) -> list[tuple[SourceTable, date]]:
    """The silver table-days that a run for `days` makes: those asked for, then what is stale around them.

    Gold of the days around reads them together, and never reads silver that means something else than today's.
    """
    asked = [(table, day) for day in days for table in tables]
    around = sorted({day + timedelta(days=n) for day in days for n in silver_days.REACH} - set(days))
    beside = [(table, day) for day in around for table in tables]
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        found = pool.map(
            lambda of: manifest.read(ctx.store, Batch("silver", ctx.lake.silver, of[0].name, of[1])), beside
        )
        stale = [of for of, live in zip(beside, found, strict=True) if live and ctx.is_stale(*of, live)]
    for table, day in stale:
        log.info("silver %-28s %s  made again: its meaning, a setting or a rate has changed", table.name, day)
    return asked + stale


def publish_table_day(ctx: Context, table: SourceTable, day: date, force: bool) -> tuple[Batch, Live, bool]:
    """Make one silver table-day, unless its inputs are those it was made from.

    Raises:
        RetryableError: bronze is not there yet.
        DataError: the ledger does not balance, or most rows are rejected; nothing is published.
        UsageError: integer ids occur and there is no namespace for them.
    """
    batch = Batch("silver", ctx.lake.silver, table.name, day)
    source = bronze_batch(ctx, table, day)

    def make(attempt: Attempt, live: Live | None) -> Draft | None:
        bronze = manifest.read(ctx.store, source)
        if bronze is None or table.name not in bronze.manifest.tables:
            job = f"spark-submit jobs/extract_{table.source}.py --ds {day}"
            raise RetryableError(f"{source}: not published yet", then=job)
        inputs = ctx.inputs(table, day, {source.manifest: bronze.etag})
        if live and not force and live.manifest.inputs == inputs:
            return None
        draft = _write(ctx, attempt, table, batch, source, bronze)
        return Draft({table.name: draft}, inputs, versions(ctx.spark), bronze.manifest.complete)

    return (batch, *publish.publish(ctx.store, batch, make))


def bronze_batch(ctx: Context, table: SourceTable, day: date) -> Batch:
    """The bronze batch that holds the table-day."""
    if table.source == "postgres":
        return postgres_batch(ctx.lake.bronze, day)
    return Batch("bronze", ctx.lake.bronze, table.name, day)


def _write(ctx: Context, attempt: Attempt, table: SourceTable, batch: Batch, source: Batch, bronze: Live) -> DraftTable:
    """Write clean and rejected rows and let the ledger judge them."""
    read_at = datetime.fromisoformat(bronze.manifest.inputs["read_at"])
    rates, limit = ctx.rates.on(batch.day), ctx.meaning.amount_limit
    _check_columns(table, source, bronze)
    files = manifest.files_of(ctx.store, source, bronze, table.name)
    text = frames.read_csv(ctx.spark, files, table.column_names)
    rows = quality.judged(
        text, table, ctx.meaning.id_namespace, quality.parameters(read_at + _CLOCK_TOLERANCE, rates, limit)
    )
    counts, duplicates, observed = _observed(rows, table)
    clean = frames.stage(attempt, observed, Dataset(batch.root, table.name, batch.day, "parquet"))
    read = counts.get
    if read["needs_namespace"] and ctx.meaning.id_namespace is None:
        raise UsageError(
            f"{source}: {table.name} has {read['needs_namespace']:,} rows with integer ids",
            then="export DAYBOOK_ID_NAMESPACE=<a UUID of yours, the same for ever>",
        )
    bad = None
    if read["rejected"]:
        place = rejected(batch.root, table.name, batch.day)
        bad = frames.stage(attempt, quality.rejected_rows(rows, table), place).staged
    ledger = {
        "bronze": bronze.manifest.tables[table.name].rows,
        "silver": clean.staged.rows,
        "rejected": bad.rows if bad else 0,
        "duplicates": duplicates.get["duplicates"],
        "rejected_by_reason": {reason: read[reason] for reason in table.reasons if read[reason]},
    }
    check_rates(table, batch, ctx.meaning.exchange_rates, ledger)
    audit(table, batch, read["read"], ledger)
    return DraftTable(clean.staged, ledger, bad)


def _check_columns(table: SourceTable, source: Batch, bronze: Live) -> None:
    """Refuse bronze that was written under a contract with other columns."""
    found = bronze.manifest.tables[table.name].schema
    if sorted(found) != sorted(table.column_names):
        raise DataError(
            f"{source}: {table.name} has the columns {', '.join(found)}; the contract {', '.join(table.column_names)}",
            then=f"spark-submit jobs/extract_{table.source}.py --ds {source.day} --refresh",
        )


def _observed(rows: DataFrame, table: SourceTable) -> tuple[Observation, Observation, DataFrame]:
    """The clean rows, with the counts taken on the way: one pass over bronze serves ledger and data."""
    read, ranks = Observation(), Observation()
    judged = rows.observe(read, *(c.alias(n) for n, c in quality.counts(table).items()))
    ranked = latest.ranked(quality.clean_rows(judged, table), table)
    ranked = ranked.observe(ranks, F.count_if(F.col(latest.RANK) > 1).alias("duplicates"))
    return read, ranks, ranked.where(F.col(latest.RANK) == 1).drop(latest.RANK)


def check_rates(table: SourceTable, batch: Batch, rates_file: Path, ledger: dict[str, Any]) -> None:
    """Where most rows lack a rate, the rates file is to be mended, not the source.

    Raises:
        DataError: so many rows lack one that more than the contract's share is rejected.
    """
    reasons = ledger["rejected_by_reason"]
    # A malformed code has no rate either, and no rates file can give it one.
    lacking = sum(reasons.get(reason, 0) for reason in _RATE_LACKING) - reasons.get("currency:malformed", 0)
    if lacking > max(_FEW, table.max_rejected_share * ledger["bronze"]):
        raise DataError(
            f"{batch}: {lacking:,} of {ledger['bronze']:,} rows rejected for want of a rate: not a broken source, but "
            f"exchange rates {rates_file} ({reasons})",
            then="add the missing rates (make rates FILE=eurofxref-hist.csv), then run the same command again",
        )


def audit(table: SourceTable, batch: Batch, read: int, ledger: dict[str, Any]) -> None:
    """The ledger of silver: bronze = silver + rejected + duplicates, and bronze is what its manifest says.

    Raises:
        DataError: it does not balance, or more than the contract's share of rows is rejected.
    """
    accounted = ledger["silver"] + ledger["rejected"] + ledger["duplicates"]
    if not ledger["bronze"] == read == accounted:
        raise DataError(
            f"{batch}: bronze has {ledger['bronze']:,} rows by its manifest, {read:,} were read, {accounted:,} are "
            f"accounted for ({ledger})"
        )
    if ledger["rejected"] > max(_FEW, table.max_rejected_share * ledger["bronze"]):
        raise DataError(
            f"{batch}: {ledger['rejected']:,} of {ledger['bronze']:,} rows rejected: a broken source, not dirty data "
            f"({ledger['rejected_by_reason']})"
        )
