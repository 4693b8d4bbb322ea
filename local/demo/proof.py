"""Hold the lake's ledgers against what the seeding planted: every kind of dirt is found again, to the row."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.contracts.user_notifications import USER_NOTIFICATIONS
from daybook.lake import live_files, manifest
from daybook.lake.manifest import TableEntry
from daybook.lake.paths import Batch, Lake
from daybook.lake.store import Store
from daybook.settings import LakePlaces

SUCCESS_STATES = ("CLICKED", "READ", "OPENED")


@dataclass(frozen=True)
class Planted:
    """One planted count and what the lake says of it."""

    day: str
    what: str
    planted: int
    found: int

    @property
    def right(self) -> bool:
        """Whether it was found again to the row."""
        return self.planted == self.found


@dataclass(frozen=True)
class Proof:
    """The lake and the expectation it is held against."""

    store: Store
    lake: Lake
    expected: dict[str, Any]

    @classmethod
    def of(cls, places: LakePlaces, expectation: Path) -> "Proof":
        """Read the expectation the seeding wrote."""
        return cls(Store(places.endpoint, "daybook-demo"), Lake(places), json.loads(expectation.read_text()))

    @property
    def days(self) -> list[date]:
        """The seeded days."""
        return [date.fromisoformat(day) for day in self.expected["days"]]

    def bronze(self, table: SourceTable, day: date) -> TableEntry:
        """The bronze entry of a table-day."""
        return self._entry(self.lake.bronze(table, day), table.name)

    def silver(self, table: SourceTable, day: date) -> TableEntry:
        """The silver entry of a table-day."""
        return self._entry(self.lake.silver(table, day), table.name)

    def gold(self, table: GoldTable, day: date) -> TableEntry:
        """The gold entry of a table-day."""
        return self._entry(self.lake.gold(table, day), table.name)

    def findings(self) -> Iterator[Planted]:
        """Every count of the expectation beside the lake's."""
        for day in self.days:
            for table in SOURCE_TABLES:
                planted = self.expected["days"][str(day)][table.name]
                ledger = self.silver(table, day).ledger
                for count in ("bronze", "silver", "rejected", "duplicates"):
                    yield Planted(str(day), f"{table.name} {count}", planted[count], ledger[count])
                reasons = planted["rejected_by_reason"], ledger["rejected_by_reason"]
                for reason in sorted({*reasons[0], *reasons[1]}):
                    what = f"{table.name} {reason}"
                    yield Planted(str(day), what, reasons[0].get(reason, 0), reasons[1].get(reason, 0))
            yield Planted(str(day), "late clicks", self.expected["late_clicks"][str(day)], self.late_clicks(day))

    def late_clicks(self, day: date) -> int:
        """Notifications of the day whose reaction came on the next one, as the next day's silver tells."""
        source = self.lake.silver(USER_NOTIFICATIONS, day)
        live = manifest.read(self.store, source)
        assert live, f"{source} is published"
        with TemporaryDirectory() as folder:
            for number, name in enumerate(live_files.files_of(self.store, source, live, USER_NOTIFICATIONS.name)):
                self.store.download(name, f"{folder}/{number}.parquet")
            row = duckdb.execute(
                f"SELECT count(*) FROM '{folder}/*.parquet' WHERE state IN {SUCCESS_STATES} "
                "AND (notification_time AT TIME ZONE 'UTC')::date = ? "
                "AND (modified_at AT TIME ZONE 'UTC')::date = ?",
                [day, day + timedelta(days=1)],
            ).fetchone()
        assert row, "a count has one row"
        return int(row[0])

    def _entry(self, batch: Batch, table: str) -> TableEntry:
        live = manifest.read(self.store, batch)
        assert live, f"{batch} is published"
        return live.manifest.tables[table]
