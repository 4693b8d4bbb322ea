"""The bronze that silver days of a table are made from, exactly as its manifests name it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from daybook import commands
from daybook.context import Context
from daybook.contracts.model import CLOCK_TOLERANCE, SourceTable
from daybook.days.of_days import OfDays
from daybook.errors import DataError, DaybookError, RetryableError
from daybook.lake import frames, live_files, manifest
from daybook.lake.manifest import Live, Manifest
from daybook.lake.paths import Batch
from daybook.sources.extraction import read_at
from daybook.transforms import quality


@dataclass(frozen=True)
class BronzeDays:
    """Bronze of some days of a table; None for a day that has none, a failure for one whose manifest is none."""

    ctx: Context
    table: SourceTable
    found: Mapping[date, Live | DaybookError | None]

    @classmethod
    def read(cls, ctx: Context, table: SourceTable, days: Sequence[date]) -> "BronzeDays":
        """Read the manifests, before anything else of them is read."""

        def look(day: date) -> Live | DaybookError | None:
            try:
                return ctx.bronze(table, day)
            except DaybookError as error:
                return error

        return cls(ctx, table, {day: look(day) for day in days})

    def inputs(self, day: date) -> dict[str, Any] | None:
        """Return all that silver of the day is made from; None where there is no bronze of it.

        Raises:
            DaybookError: the manifest cannot be read or understood.
            DataError: bronze was written under a contract with other columns.
        """
        live, table, source = self.found[day], self.table, self.batch(day)
        if isinstance(live, DaybookError):
            raise live
        if live is None:
            return None
        found = live.manifest.tables[table.name].schema
        if sorted(found) != sorted(table.column_names):
            line = f"{source}: {table.name} has the columns {', '.join(found)}"
            raise DataError(f"{line}; the contract {', '.join(table.column_names)}", then=f"{source.command} --refresh")
        return self.ctx.inputs(table, day, {source.key: live.etag})

    def obstacle(self, batch: Batch, live: Live | None, force: bool) -> DaybookError | None:
        """Return why silver, a `batch` without bronze, is not there, or cannot be made again.

        None where what was published stays, because it means the same and nobody asks for it anew.
        """
        table, bronze = self.table, self.batch(batch.day)
        if live is None:
            lacks = manifest.read(self.ctx.store, bronze) is not None
            then = commands.read_again(table, batch.day) if lacks else bronze.command
            return RetryableError(f"{bronze}: {f'has no {table.name}' if lacks else 'not published yet'}", then=then)
        if not force and not self.ctx.is_stale(table, batch.day, live):
            return None
        return DataError(
            f"{batch}: cannot be made again, for {bronze} is gone; what is published stays",
            then=f"restore {bronze.manifest} and its files; {bronze.command} would read today's source in their place",
        )

    def rows(self, days: Sequence[date]) -> OfDays:
        """Return the rows of days that have bronze, every column as text."""
        there = [(day, self.batch(day), self._live(day)) for day in days]
        name = self.table.name
        files = {day: live_files.files_of(self.ctx.store, batch, live, name) for day, batch, live in there}
        return frames.read_csv(self.ctx.spark, files, self.table.column_names)

    def parameters(self, days: Sequence[date]) -> dict[str, str]:
        """Return the values that rules may name, as SQL over the rows of these days."""
        settings, rates = self.ctx.meaning.in_rules, self.ctx.rates
        latest = {day: read_at(self.manifest(day), self.table.name) + CLOCK_TOLERANCE for day in days}
        return quality.of_days({day: quality.parameters(latest[day], rates.on(day), settings) for day in days})

    def manifest(self, day: date) -> Manifest:
        """Return the manifest of a day that has bronze."""
        return self._live(day).manifest

    def _live(self, day: date) -> Live:
        live = self.found[day]
        assert isinstance(live, Live), "days without bronze are not made"
        return live

    def batch(self, day: date) -> Batch:
        """Return the batch that holds the table on a day."""
        return self.ctx.lake.bronze(self.table, day)
