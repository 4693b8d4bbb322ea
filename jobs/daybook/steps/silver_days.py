"""The silver days around a gold day, exactly as their manifests name them."""

from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.errors import RetryableError
from daybook.lake import frames, manifest
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.steps.context import Context


@dataclass(frozen=True)
class SilverDays:
    """The manifests of all silver table-days a gold day reads; None for a neighbour that is not there."""

    ctx: Context
    day: date
    found: dict[Batch, Live | None]

    @classmethod
    def read(cls, ctx: Context, table: GoldTable, day: date) -> "SilverDays":
        """Read the manifests, before anything else of them is read.

        Raises:
            RetryableError: the day's own silver vanished.
        """
        batches = [
            Batch("silver", ctx.lake.silver, name, day + timedelta(days=offset))
            for name, offsets in table.reads.items()
            for offset in offsets
        ]
        found = {batch: manifest.read(ctx.store, batch) for batch in batches}
        gone = [str(batch) for batch, live in found.items() if live is None and batch.day == day]
        if gone:
            raise RetryableError(
                f"not published any more: {', '.join(gone)}", then=f"spark-submit jobs/silver.py --ds {day}"
            )
        return cls(ctx, day, found)

    @property
    def etags(self) -> dict[str, str]:
        """The lineage: manifest → ETag, an absent neighbour as absent."""
        return {batch.manifest: live.etag if live else manifest.ABSENT for batch, live in self.found.items()}

    @property
    def complete(self) -> bool:
        """Whether every silver day that is there had ended when it was extracted."""
        return all(live.manifest.complete for live in self.found.values() if live)

    def frame(self, name: str) -> DataFrame:
        """All rows of one silver table in the days that are there."""
        there = [(batch, live) for batch, live in self.found.items() if batch.name == name and live]
        files = [file for batch, live in there for file in manifest.files_of(self.ctx.store, batch, live, name)]
        # By the contract and not by a manifest: a neighbour may be older than a column.
        columns = next(table.columns for table in SOURCE_TABLES if table.name == name)
        return frames.read_parquet(
            self.ctx.spark, files, {c.name: "string" if c.type == "uuid" else c.type for c in columns}
        )

    def own_rows(self, name: str) -> int:
        """Rows of the table on the day itself, as its manifest proves them."""
        own = next(live for batch, live in self.found.items() if batch.name == name and batch.day == self.day and live)
        return own.manifest.tables[name].rows
