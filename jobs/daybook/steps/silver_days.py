"""The silver days around a gold day, exactly as their manifests name them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame

from daybook.context import Context
from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.errors import RetryableError
from daybook.lake import frames, manifest
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch

_TABLES = {table.name: table for table in SOURCE_TABLES}
_AWAY = [
    made + read for gold in GOLD_TABLES for made in gold.affected_days for days in gold.reads.values() for read in days
]
# Silver days, counted from a day, that gold reads when that day is run: for the day and for the neighbours it makes.
REACH = range(min(_AWAY), max(_AWAY) + 1)


@dataclass(frozen=True)
class SilverDays:
    """The manifests of all silver table-days a gold day reads; None for a neighbour that is not there."""

    ctx: Context
    table: GoldTable
    day: date
    found: dict[Batch, Live | None]

    @classmethod
    def read(cls, ctx: Context, table: GoldTable, day: date) -> "SilverDays":
        """Read the manifests, before anything else of them is read."""
        batches = [
            ctx.lake.silver(_TABLES[name], day + timedelta(days=offset))
            for name, offsets in table.reads.items()
            for offset in offsets
        ]
        return cls(ctx, table, day, {batch: manifest.read(ctx.store, batch) for batch in batches})

    @property
    def missing(self) -> list[str]:
        """The tables whose silver of the day itself is not published."""
        return [batch.name for batch, live in self.found.items() if live is None and batch.day == self.day]

    @property
    def obstacle(self) -> RetryableError | None:
        """Why gold of the day cannot be made from these, or None: own silver is missing, or any of it is stale."""
        gold = f"gold {self.table.name} {self.day}"
        if self.missing:
            then = f"spark-submit jobs/silver.py --ds {self.day}"
            return RetryableError(f"{gold}: silver of {', '.join(self.missing)} is not published", then=then)
        there = ((batch, live) for batch, live in self.found.items() if live)
        stale = [batch for batch, live in there if self.ctx.is_stale(_TABLES[batch.name], batch.day, live)]
        if stale:
            line = f"{gold}: {stale[0]} was made under another meaning, setting or rate"
            return RetryableError(line, then=stale[0].command)
        return None

    @property
    def etags(self) -> dict[str, str]:
        """The lineage: manifest → ETag, an absent neighbour as absent."""
        return {batch.manifest: live.etag if live else manifest.ABSENT for batch, live in self.found.items()}

    @property
    def complete(self) -> bool:
        """Whether every silver day that is there had ended when it was extracted."""
        return all(live.manifest.complete for live in self.found.values() if live)

    def frame(self, name: str, offsets: Sequence[int] | None = None) -> DataFrame:
        """All rows of one silver table in the days that are there; of all days read, or of those `offsets` away."""
        days = None if offsets is None else {self.day + timedelta(days=offset) for offset in offsets}
        wanted = (batch for batch in self.found if batch.name == name and (days is None or batch.day in days))
        there = [(batch, live) for batch in wanted if (live := self.found[batch])]
        files = [file for batch, live in there for file in manifest.files_of(self.ctx.store, batch, live, name)]
        # By the contract and not by a manifest: a neighbour may be older than a column.
        columns = _TABLES[name].columns
        return frames.read_parquet(
            self.ctx.spark, files, {c.name: "string" if c.type == "uuid" else c.type for c in columns}
        )

    def own_rows(self, name: str) -> int:
        """Rows of the table on the day itself, as its manifest proves them."""
        own = next(live for batch, live in self.found.items() if batch.name == name and batch.day == self.day and live)
        return own.manifest.tables[name].rows
