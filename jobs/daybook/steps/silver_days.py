"""The silver days around gold days, exactly as their manifests name them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from daybook import commands
from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.days import around
from daybook.days.counts import DayCounts, added_up
from daybook.errors import RetryableError
from daybook.lake import frames, manifest
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.proof import row_account
from daybook.proof.row_account import Account
from daybook.proof.rows_read import RowsRead
from daybook.settings import Meaning


@dataclass(frozen=True)
class SilverDays:
    """The manifests of all silver table-days that some gold days read; None for a neighbour that is not there.

    Beside them, for a ledger, those of bronze that they were made from. What a gold table's module is given
    (`gold.given.Silver`).
    """

    ctx: Context
    table: GoldTable
    sources: Mapping[str, SourceTable]
    found: Mapping[Batch, Live | None]
    bronze: Mapping[Batch, Live | None]
    _alarms: dict[str, list[Observation]] = field(default_factory=dict)
    _tallies: list[DayCounts] = field(default_factory=list)
    _read: RowsRead = field(default_factory=RowsRead)

    @classmethod
    def read(cls, ctx: Context, table: GoldTable, sources: Sequence[SourceTable], days: Sequence[date]) -> "SilverDays":
        """Read the manifests, before anything else of them is read."""
        ours = {source.name: source for source in sources}
        batches = [ctx.lake.silver(ours[name], day) for name in table.reads for day in table.days_read(name, days)]
        found = manifest.read_all(ctx.store, batches)
        sources_of = {ctx.lake.bronze(ours[batch.name], batch.day) for batch in batches if table.is_ledger}
        return cls(ctx, table, ours, found, manifest.read_all(ctx.store, list(sources_of)))

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

    def _was_refused(self, silver: Batch, live: Live) -> bool:
        """Whether what is published is not what silver would be today, of bronze that is there."""
        return self._is_of_older_bronze(silver, live) or (self._is_stale(silver, live) and self._has_bronze(silver))

    def _is_of_older_bronze(self, silver: Batch, live: Live) -> bool:
        """Whether bronze is there in another version than silver was made from; of what is no ledger nobody asks."""
        bronze = self.bronze.get(self._source(silver))
        return bronze is not None and bronze.etag not in live.manifest.inputs["manifests"].values()

    def etags(self, day: date) -> dict[str, str]:
        """The lineage of the day: manifest → ETag, an absent neighbour as absent."""
        return {batch.key: live.etag if live else manifest.ABSENT for batch, live in self._of(day).items()}

    def origin(self, day: date) -> dict[str, Any]:
        """What the silver of the day was made from in its turn, manifest by manifest, and how old the rates are."""
        inputs = {batch.key: live.manifest.inputs for batch, live in self._of(day).items() if live}
        since = self.ctx.rates.on(day).since if self.table.uses_rates else {}
        return {"inputs": inputs, "valid_from": {currency: str(begun) for currency, begun in since.items()}}

    def complete(self, day: date) -> bool:
        """Whether every silver day that is there for the day had ended when it was extracted."""
        return all(live.manifest.complete for live in self._of(day).values() if live)

    @property
    def meaning(self) -> Meaning:
        """The settings."""
        return self.ctx.meaning

    def rates(self, day: date) -> Mapping[str, Decimal]:
        """The exchange rates of a day that can be used."""
        return self.ctx.rates.on(day).valid

    def frame(self, name: str, days: Sequence[date], offsets: Sequence[int] | None = None) -> DataFrame:
        """All rows of one silver table in the days that are there; of all days read, or of those `offsets` away.

        Where the contract lets a row lie in several of them, `silver_day` says in which it is.
        """
        there = self._there(name, around(days, self.table.reads[name] if offsets is None else offsets))
        # By the contract and not by a manifest: a neighbour may be older than a column.
        columns = {c.name: c.type_in.spark for c in self.sources[name].columns}
        on_several_days = self.sources[name].on_several_days
        if not there:
            return frames.no_rows(self.ctx.spark, columns | ({"silver_day": "date"} if on_several_days else {}))
        files = [file for batch, live in there for file in manifest.files_of(self.ctx.store, batch, live, name)]
        frame = frames.read_parquet(self.ctx.spark, files, columns)
        if on_several_days:
            frame = frame.select("*", frames.day_of_file().alias("silver_day"))
        promised = sum(live.manifest.tables[name].rows for _, live in there)
        return self._read.watched(frame, name, [batch.day for batch, _ in there], promised)

    def is_there(self, name: str, days: Sequence[date], offsets: Sequence[int]) -> bool:
        """Whether a manifest of the table is there for any of the days so many days away."""
        return bool(self._there(name, around(days, offsets)))

    def _there(self, name: str, days: Sequence[date]) -> list[tuple[Batch, Live]]:
        return [(b, live) for b, live in self.found.items() if live and b.name == name and b.day in days]

    def check_read(self, reader: str) -> None:
        """See that of all frames, once they were computed, no row was lost (`RowsRead.check`)."""
        self._read.check(reader)

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

    def reasons(self, days: Sequence[date]) -> DataFrame:
        """A row for each rejected row of the days: the folder that a file is in says of which table and day."""
        own = [
            (batch, live)
            for batch, live in self.found.items()
            if live and batch.day in days and not self._was_refused(batch, live)
        ]
        look = partial(manifest.files_of, self.ctx.store, rejected=True)
        files = [file for batch, live in own for file in look(batch, live, batch.name)]
        if not files:
            columns = {"date": "date", "source_table": "string", "reasons": "array<string>"}
            return frames.no_rows(self.ctx.spark, columns)
        stored = frames.read_parquet(self.ctx.spark, files, {"reasons": "array<string>"})
        table = F.regexp_extract("_metadata.file_path", "/([^/]+)/[0-9-]{10}/[^/]+/[^/]+$", 1)
        return stored.select(frames.day_of_file().alias("date"), table.alias("source_table"), "reasons")

    def listed(self, rows: Iterable[tuple[Any, ...]]) -> DataFrame:
        """These rows, in the contract's columns."""
        return frames.of_rows(self.ctx.spark, rows, {c.name: c.type_in.spark for c in self.table.columns})

    def bytes(self, day: date) -> int:
        """Bytes of all that is there of the day itself; a ledger reads none of them."""
        if self.table.is_ledger:
            return 0
        own = [(batch.name, live) for batch, live in self.found.items() if live and batch.day == day]
        return sum(live.manifest.tables[name].bytes for name, live in own)

    def alarm(self, line: str, frame: DataFrame, condition: Column) -> DataFrame:
        """The same frame, watched for rows for which the condition holds."""
        seen = Observation()
        self._alarms.setdefault(line, []).append(seen)
        # Perhaps before a shuffle: too many when a stage is computed again. It only has to be zero.
        return frame.observe(seen, F.count_if(condition).alias("rows"))

    def alarms(self) -> dict[str, int]:
        """How many rows were seen for which a condition held, by line, once the frames were computed."""
        return {line: sum(seen.get["rows"] for seen in each) for line, each in self._alarms.items()}

    def tally(self, frame: DataFrame, days: Sequence[date]) -> DataFrame:
        """The same frame, with the contract's `tallies`, its columns, added up day by day while it is written."""
        observed, seen = added_up(frame, self.table.day_column, days, self.table.tallies)
        self._tallies.append(seen)
        return observed

    def tallies(self, day: date) -> dict[str, int]:
        """The tallies of a day, once the frames were written."""
        return {line: count for seen in self._tallies for line, count in seen.of(day).items()}
