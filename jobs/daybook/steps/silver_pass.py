"""Some days of a table, bronze → silver: type, judge, reject with reasons, the latest per key, proven counts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from daybook.context import Context
from daybook.contracts.model import SourceTable
from daybook.errors import DataError, DaybookError
from daybook.lake.attempt import Attempt, Draft, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.publish import Outcomes, Proposal, Publication
from daybook.lake.staging import Written, stage
from daybook.proof import silver_ledger
from daybook.spark.progress import versions
from daybook.steps import silver_ids
from daybook.steps.bronze_days import BronzeDays
from daybook.transforms import quality
from daybook.transforms.latest import one_per_key

Inputs = dict[str, Any]


def publish_days_of(ctx: Context, force: bool, table: SourceTable, days: Sequence[date]) -> Outcomes:
    """Make some days of a table in one go, unless their inputs are those that they were made from."""
    publication = Publication(ctx.store, [ctx.lake.silver(table, day) for day in days])
    for attempt in publication.tries():
        with attempt:
            bronze = BronzeDays.read(ctx, table, [batch.day for batch in attempt.lives])
            not_made, inputs = _looked_up(bronze, attempt.lives, force)
            attempt.propose(not_made | (_drafts(attempt, bronze, inputs) if inputs else {}))
    return publication.outcomes


def _looked_up(
    bronze: BronzeDays, lives: Mapping[Batch, Live | None], force: bool
) -> tuple[dict[Batch, Proposal], dict[Batch, Inputs]]:
    """Return what becomes of the table-days that are not made, and the inputs of the others."""
    not_made: dict[Batch, Proposal] = {}
    inputs = {}
    for batch, live in lives.items():
        try:
            now = bronze.inputs(batch.day)
        except DaybookError as error:
            not_made[batch] = error
            continue
        if now is None:
            not_made[batch] = bronze.obstacle(batch, live, force)
        elif live and not force and live.manifest.inputs == now:
            not_made[batch] = None
        else:
            inputs[batch] = now
    return not_made, inputs


def _drafts(attempt: Attempt, bronze: BronzeDays, inputs: Mapping[Batch, Inputs]) -> dict[Batch, Proposal]:
    """Write clean and rejected rows of the days and let their ledgers judge them."""
    table, meaning, days = bronze.table, bronze.ctx.meaning, [batch.day for batch in inputs]
    rows, parameters = bronze.rows(days), bronze.parameters(days)
    judged = quality.judge(rows.frame, table, meaning.id_namespace, parameters, month_first=meaning.month_first)
    latest = one_per_key(rows.holding(judged.clean), table)
    clean = stage(attempt, latest.rows, {batch.day: batch.dataset(table.name) for batch in inputs}, every_day=True)
    of = {batch: bronze.batch(batch.day) for batch in inputs}
    refused = silver_ids.refused(rows, table, of) if judged.integer_ids_once_written() else {}
    rejected: dict[date, Written] = {}
    if judged.rejects_once_written() and len(refused) < len(inputs):  # read from bronze once more
        places = {batch.day: batch.rejected(table.name) for batch in inputs}
        rejected = stage(attempt, rows.holding(judged.rejected), places, judged.by_reason)
    drafts: dict[Batch, Proposal] = dict(refused)
    for batch in inputs:
        if batch not in refused:
            bad = rejected.get(batch.day)
            ledger = _ledger(bronze, batch.day, clean[batch.day], bad, latest.duplicates(batch.day))
            made = DraftTable(clean[batch.day].staged, ledger, bad.staged if bad else None)
            drafts[batch] = _judged(bronze, batch, made, inputs[batch])
    return drafts


def _ledger(bronze: BronzeDays, day: date, clean: Written, bad: Written | None, duplicates: int) -> dict[str, Any]:
    """What became of the day's rows of bronze; of the reasons those that were given."""
    table = bronze.table
    return {
        "bronze": bronze.manifest(day).tables[table.name].rows,
        "silver": clean.staged.rows,
        "rejected": bad.staged.rows if bad else 0,
        "duplicates": duplicates,
        "rejected_by_reason": {r: bad.metrics[r] for r in table.reasons if bad.metrics[r]} if bad else {},
    }


def _judged(bronze: BronzeDays, batch: Batch, made: DraftTable, inputs: Inputs) -> Proposal:
    """The day's draft if its ledger holds, else why it does not."""
    table, ctx = bronze.table, bronze.ctx
    try:
        silver_ledger.check_rates(table, batch, ctx.meaning.exchange_rates, made.ledger)
        silver_ledger.audit(table, batch, made.ledger)
    except DataError as error:
        return error
    return Draft({table.name: made}, inputs, versions(ctx.spark), bronze.manifest(batch.day).complete)
