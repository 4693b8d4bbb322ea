"""The silver days around gold days, exactly as their manifests name them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from daybook.context import Context
from daybook.contracts.gold_model import GoldTable
from daybook.days import around
from daybook.days.counts import DayCounts, added_up
from daybook.lake import frames, live_files
from daybook.proof.row_account import Account
from daybook.proof.rows_read import RowsRead
from daybook.settings import Meaning
from daybook.steps.silver_manifests import SilverManifests


@dataclass(frozen=True)
class SilverDays:
    """What a gold table's module is given (`gold.given.Silver`): silver as its manifests name it."""

    manifests: SilverManifests
    _alarms: dict[str, list[Observation]] = field(default_factory=dict)
    _tallies: list[DayCounts] = field(default_factory=list)
    _read: RowsRead = field(default_factory=RowsRead)

    @property
    def _ctx(self) -> Context:
        return self.manifests.ctx

    @property
    def _table(self) -> GoldTable:
        return self.manifests.table

    @property
    def meaning(self) -> Meaning:
        """The settings."""
        return self._ctx.meaning

    def rates(self, day: date) -> Mapping[str, Decimal]:
        """The exchange rates of a day that can be used."""
        return self._ctx.rates.on(day).valid

    def frame(self, name: str, days: Sequence[date], offsets: Sequence[int] | None = None) -> DataFrame:
        """All rows of one silver table in the days that are there; of all days read, or of those `offsets` away.

        Where the contract lets a row lie in several of them, `silver_day` says in which it is.
        """
        there = self.manifests.there(name, around(days, self._table.reads[name] if offsets is None else offsets))
        # By the contract and not by a manifest: a neighbour may be older than a column.
        columns = {c.name: c.type_in.spark for c in self.manifests.sources[name].columns}
        on_several_days = self.manifests.sources[name].on_several_days
        if not there:
            return frames.no_rows(self._ctx.spark, columns | ({"silver_day": "date"} if on_several_days else {}))
        files = [file for batch, live in there for file in live_files.files_of(self._ctx.store, batch, live, name)]
        frame = frames.read_parquet(self._ctx.spark, files, columns)
        if on_several_days:
            frame = frame.select("*", frames.day_of_file().alias("silver_day"))
        promised = sum(live.manifest.tables[name].rows for _, live in there)
        return self._read.watched(frame, name, [batch.day for batch, _ in there], promised)

    def is_there(self, name: str, days: Sequence[date], offsets: Sequence[int]) -> bool:
        """Whether a manifest of the table is there for any of the days so many days away."""
        return bool(self.manifests.there(name, around(days, offsets)))

    def check_read(self, reader: str) -> None:
        """See that of all frames, once they were computed, no row was lost (`RowsRead.check`)."""
        self._read.check(reader)

    def rows(self, name: str, day: date) -> int:
        """Rows of the table on the day, as its manifest proves them."""
        return self.manifests.rows(name, day)

    def account(self, name: str, day: date) -> Account:
        """What became of the table's rows on the day, by the manifests of silver and bronze."""
        return self.manifests.account(name, day)

    def reasons(self, days: Sequence[date]) -> DataFrame:
        """A row for each rejected row of the days: the folder that a file is in says of which table and day."""
        look = partial(live_files.files_of, self._ctx.store, rejected=True)
        files = [file for batch, live in self.manifests.not_refused(days) for file in look(batch, live, batch.name)]
        if not files:
            columns = {"date": "date", "source_table": "string", "reasons": "array<string>"}
            return frames.no_rows(self._ctx.spark, columns)
        stored = frames.read_parquet(self._ctx.spark, files, {"reasons": "array<string>"})
        table = F.regexp_extract("_metadata.file_path", "/([^/]+)/[0-9-]{10}/[^/]+/[^/]+$", 1)
        return stored.select(frames.day_of_file().alias("date"), table.alias("source_table"), "reasons")

    def listed(self, rows: Iterable[tuple[Any, ...]]) -> DataFrame:
        """These rows, in the contract's columns."""
        return frames.of_rows(self._ctx.spark, rows, {c.name: c.type_in.spark for c in self._table.columns})

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
        observed, seen = added_up(frame, self._table.day_column, days, self._table.tallies)
        self._tallies.append(seen)
        return observed

    def tallies(self, day: date) -> dict[str, int]:
        """The tallies of a day, once the frames were written."""
        return {line: count for seen in self._tallies for line, count in seen.of(day).items()}
