"""Tables of PostgreSQL of some days, read from one snapshot and held against the server's own count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from daybook.context import Context
from daybook.contracts.model import SourceTable
from daybook.errors import DataError, RetryableError
from daybook.lake.attempt import Attempt, DraftTable
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.staging import stage
from daybook.sources.extraction import READ_AGAIN, Asked, read_from
from daybook.sources.postgres import Counted, Snapshot
from daybook.sources.postgres_reading import reading
from daybook.sources.postgres_relation import Relation
from daybook.sources.postgres_sql import TIMELESS

_HOLD_STILL = (
    "make the view {name} without now(), random(), functions that ask them and foreign tables (docs/sources.md), then "
    "run the same command again"
)


@dataclass(frozen=True)
class Source:
    """The snapshot, the tables that are read from it, and what was live of each day before it was taken."""

    snapshot: Snapshot
    tables: Sequence[SourceTable]
    relations: Mapping[str, Relation]
    before: Mapping[Batch, Live | None]
    asked: Asked

    def is_complete(self, day: date) -> bool:
        """Whether the snapshot has the day to its end."""
        return self.snapshot.reach.covers(day, self.asked.settle)

    def ours(self, batch: Batch, live: Live | None) -> list[SourceTable]:
        """The tables of which this run's reading counts: not those that another run has read as well meanwhile.

        A run that nobody asked to read again leaves a whole day to the other; else a table's later snapshot counts.
        """
        before = self.before[batch]
        if live is None or (before and live.etag == before.etag):
            return list(self.tables)
        if not self.is_complete(batch.day):
            return []
        if not live.manifest.complete:
            return list(self.tables)
        if not self.asked.refresh:
            return []
        return [table for table in self.tables if read_from(live.manifest, table.name) < self.snapshot.taken_at]


def copied(
    ctx: Context, attempt: Attempt, of: Source, table: SourceTable, batches: Sequence[Batch]
) -> dict[Batch, DraftTable]:
    """Some days of a table, written, beside the server's own count of each in the same snapshot."""
    snapshot, relation, days = of.snapshot, of.relations[table.name], [batch.day for batch in batches]
    with reading(snapshot.connection, snapshot.settings.schema, table, days):
        counted = {day: snapshot.count(table, relation, day) for day in days}
        rows = snapshot.read(ctx.spark, table, relation, days, max(of_day.longest for of_day in counted.values()))
        places = {batch.day: batch.dataset(table.name) for batch in batches}
        written = stage(attempt, rows, places, every_day=True)
    drafts = {}
    for batch in batches:
        count, staged = counted[batch.day], written[batch.day].staged
        drafts[batch] = DraftTable(staged, _ledger(count, staged.rows))
    return drafts


def _ledger(counted: Counted, read: int) -> dict[str, Any]:
    """What the server counted beside what was read; rows that lie on no day, by what they have for a time."""
    outside = {kind: rows for kind, rows in counted.outside.items() if kind != TIMELESS}
    ledger = {"source": counted.rows, "bronze": read, "without_time": counted.outside.get(TIMELESS, 0)}
    return ledger | ({"outside_days": outside} if outside else {})


def sound(of: Source, table: SourceTable, draft: DraftTable) -> DraftTable:
    """The same, if as many rows were read as the server counted.

    Raises:
        DataError: they were not.
        RetryableError: nor does the server count as many a second time: the relation does not hold still.
    """
    day, counted, read = draft.staged.dataset.day, draft.ledger["source"], draft.ledger["bronze"]
    if read == counted:
        return draft
    line = f"bronze {table.name} {day}: PostgreSQL counts {counted:,} rows, {read:,} were read"
    again = of.snapshot.count_again(table, of.relations[table.name], day)
    if again == counted:
        raise DataError(line)
    name = f"{of.snapshot.settings.schema}.{table.name}"
    line += f", and another session counts {again:,}: {name} gives each session other rows of one snapshot"
    raise RetryableError(line, then=_HOLD_STILL.format(name=name))


def on_day(table: DraftTable, day: date) -> DraftTable:
    """A whole table as the content of another day."""
    return replace(table, staged=replace(table.staged, dataset=replace(table.staged.dataset, day=day)))


def inputs(of: Source, day: date, tables: Sequence[SourceTable], live: Live | None) -> dict[str, Any]:
    """What the day's tables were read from.

    Where some tables alone are read again, all of that stays as it is in `live`, and beside it stands what is theirs.
    """
    snapshot, replayed = of.snapshot, of.snapshot.replayed_until
    taken = {"id": snapshot.id, "lsn": snapshot.lsn, "taken_at": snapshot.taken_at.isoformat()}
    read = {
        "snapshot": taken | ({"replayed_until": replayed.isoformat()} if replayed else {}),
        "read_at": datetime.now(UTC).isoformat(),
    }
    source = {"source": f"postgresql {snapshot.settings.database}.{snapshot.settings.schema}"}
    if live:
        alone = {**source, **read, "not_held": sorted(snapshot.not_held)}
        again = live.manifest.inputs.get(READ_AGAIN, {}) | {table.name: alone for table in tables}
        return {**live.manifest.inputs, READ_AGAIN: again}
    return {
        **source,
        "window": {table.name: table.window_of(day) for table in tables},
        **read,
        "extra_columns": {name: relation.extra for name, relation in of.relations.items() if relation.extra},
        "not_held": sorted(snapshot.not_held),
    }
