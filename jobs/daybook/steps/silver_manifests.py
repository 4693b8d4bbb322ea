"""The manifests of the silver days around gold days: which are there, what stands in the way, the lineage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from daybook import commands
from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.errors import RetryableError
from daybook.lake import manifest
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.proof import row_account
from daybook.proof.row_account import Account


@dataclass(frozen=True)
class SilverManifests:
    """The manifests of all silver table-days that some gold days read; None for a neighbour that is not there.

    Beside them, for a ledger, those of bronze that they were made from.
    """

    ctx: Context
    table: GoldTable
    sources: Mapping[str, SourceTable]
    found: Mapping[Batch, Live | None]
    bronze: Mapping[Batch, Live | None]

    @classmethod
    def read(
        cls, ctx: Context, table: GoldTable, sources: Sequence[SourceTable], days: Sequence[date]
    ) -> "SilverManifests":
        """Read the manifests, before anything else of them is read."""
        ours = {source.name: source for source in sources}
        batches = [ctx.lake.silver(ours[name], day) for name in table.reads for day in table.days_read(name, days)]
        found = manifest.read_all(ctx.store, batches)
        sources_of = {ctx.lake.bronze(ours[batch.name], batch.day) for batch in batches if table.is_ledger}
        return cls(ctx, table, ours, found, manifest.read_all(ctx.store, list(sources_of)))

    def there(self, name: str, days: Sequence[date]) -> list[tuple[Batch, Live]]:
        """Those of one table that are there, of these days."""
        return [(b, live) for b, live in self.found.items() if live and b.name == name and b.day in days]

    def _of(self, day: date) -> dict[Batch, Live | None]:
        """Those that gold of the day reads."""
        return {b: live for b, live in self.found.items() if b.day in self.table.days_read(b.name, [day])}

    def missing(self, day: date) -> list[str]:
        """The tables whose silver of the day itself is not published, though it must be."""
        own = [batch.name for batch, live in self.found.items() if live is None and batch.day == day]
        return [name for name in own if name not in self.table.may_lack]

    def obstacle(self, day: date) -> RetryableError | None:
        """Why gold of the day cannot be made from these, or None: own silver is missing, or any of it is stale.

        Stale silver of another day is read if nothing can make it again (`outdated`). A ledger speaks of bronze, too:
        that must be what silver was made from.
        """
        gold, missing = f"gold {self.table.name} {day}", self.missing(day)
        if missing:
            line = f"{gold}: silver of {', '.join(missing)} is not published"
            return RetryableError(line, then=commands.silver(day))
        there = [(batch, live) for batch, live in self._of(day).items() if live]
        needed = [(batch, live) for batch, live in there if batch.name not in self.table.may_lack]
        outdated = self.outdated(day)
        stale = [batch for batch, live in needed if self._is_stale(batch, live) and batch not in outdated]
        if stale:
            line = f"{gold}: {stale[0]} was made under another meaning, setting or rate"
            return RetryableError(line, then=stale[0].command)
        changed = [batch for batch, live in needed if self._is_of_older_bronze(batch, live)]
        if changed:
            line = f"{gold}: {self._source(changed[0])} has changed since silver was made"
            return RetryableError(line, then=changed[0].command)
        return None

    def outdated(self, day: date) -> list[Batch]:
        """Silver of days around it that is stale and stays so, because its bronze is gone."""
        around_it = [(batch, live) for batch, live in self._of(day).items() if live and batch.day != day]
        return [batch for batch, live in around_it if self._is_stale(batch, live) and not self._has_bronze(batch)]

    def _is_stale(self, silver: Batch, live: Live) -> bool:
        return self.ctx.is_stale(self.sources[silver.name], silver.day, live)

    def _has_bronze(self, silver: Batch) -> bool:
        return self.ctx.bronze(self.sources[silver.name], silver.day) is not None

    def _source(self, silver: Batch) -> Batch:
        return self.ctx.lake.bronze(self.sources[silver.name], silver.day)

    def not_refused(self, days: Sequence[date]) -> list[tuple[Batch, Live]]:
        """Silver of the days that is what it would be today."""
        own = [(batch, live) for batch, live in self.found.items() if live and batch.day in days]
        return [(batch, live) for batch, live in own if not self._was_refused(batch, live)]

    def _was_refused(self, silver: Batch, live: Live) -> bool:
        """Whether what is published is not what silver would be today, of bronze that is there."""
        return self._is_of_older_bronze(silver, live) or (self._is_stale(silver, live) and self._has_bronze(silver))

    def _is_of_older_bronze(self, silver: Batch, live: Live) -> bool:
        """Whether bronze is there in another version than silver was made from; of what is no ledger nobody asks."""
        bronze = self.bronze.get(self._source(silver))
        return bronze is not None and bronze.etag not in live.manifest.inputs["manifests"].values()

    def rows(self, name: str, day: date) -> int:
        """Rows of the table on the day, as its manifest proves them."""
        own = self.found[self.ctx.lake.silver(self.sources[name], day)]
        assert own is not None, "own silver of what gold counts is there"
        return own.manifest.tables[name].rows

    def account(self, name: str, day: date) -> Account:
        """What became of the table's rows on the day, by the manifests of silver and bronze."""
        batch = self.ctx.lake.silver(self.sources[name], day)
        silver, bronze = self.found[batch], self.bronze.get(self._source(batch))
        if silver and self._was_refused(batch, silver):
            silver = None
        return row_account.of(name, silver.manifest if silver else None, bronze.manifest if bronze else None)

    def inputs(self, day: date) -> dict[str, Any]:
        """All that gold of the day is made from; of the manifests their ETags, an absent neighbour as absent."""
        etags = {batch.key: live.etag if live else manifest.ABSENT for batch, live in self._of(day).items()}
        return self.ctx.inputs(self.table, day, etags)

    def origin(self, day: date) -> dict[str, Any]:
        """What the silver of the day was made from in its turn, manifest by manifest, and how old the rates are."""
        inputs = {batch.key: live.manifest.inputs for batch, live in self._of(day).items() if live}
        since = self.ctx.rates.on(day).since if self.table.uses_rates else {}
        return {"inputs": inputs, "valid_from": {currency: str(begun) for currency, begun in since.items()}}

    def complete(self, day: date) -> bool:
        """Whether every silver day that is there for the day had ended when it was extracted."""
        return all(live.manifest.complete for live in self._of(day).values() if live)

    def bytes(self, day: date) -> int:
        """Bytes of all that is there of the day itself; a ledger reads none of them."""
        if self.table.is_ledger:
            return 0
        own = [(batch.name, live) for batch, live in self.found.items() if live and batch.day == day]
        return sum(live.manifest.tables[name].bytes for name, live in own)
