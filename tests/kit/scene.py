"""A warehouse file with the real gold contracts, and the manifests of its last day: what a page is made from.

It is written straight away, without Spark: figures by a formula, so that a test can ask for them again.
"""

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from daybook import days
from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY
from daybook.lake.manifest import ABSENT, File, Manifest, TableEntry
from daybook.lake.objects import Stored
from daybook.lake.paths import Batch, Lake
from daybook.process import runs
from daybook.records.run_record import RunRecord, TableDayRun
from daybook.settings import LakePlaces
from daybook.warehouse import book, engine, schema
from daybook.warehouse.book import Book
from daybook.warehouse.history import Load
from daybook.warehouse.tabledays import Making, TableDay, Version
from tests.kit.clock import today_for
from tests.kit.gold_rows import gold_row
from tests.kit.warehouse import MemoryStore

D = date(2025, 3, 1)  # a Saturday
ACTIVITY = GLOBAL_USER_ACTIVITY_PER_DAY.name
DUE = timedelta(hours=26, minutes=10)
LAKE = Lake(LakePlaces("s3a://bronze", "s3a://silver", "s3a://gold", None))
# Rejected rows on every day, by table and reason.
REJECTED = {("users", "email:missing"): 3, ("users", "email:malformed"): 2, ("user_purchases", "amount:negative"): 1}
_BRONZE_ROWS = 400


class MemoryLake(MemoryStore):
    """It, and what was asked of it."""

    def __init__(self) -> None:
        super().__init__(Path())  # where gold's files would be made: a page reads none
        self.asked: list[str] = []

    def get(self, uri: str) -> Stored | None:
        self.asked.append(uri)
        return super().get(uri)

    def sizes(self, folder: str) -> dict[str, int]:
        self.asked.append(folder)
        return super().sizes(folder)


@dataclass
class Scene:
    """`days` days up to D, loaded and proven; what a test wants otherwise it sets before `make`.

    `rejected` adds to REJECTED on single days, `rows_read` replaces how many rows a table had, `rows_of` how many users
    were active; `restated` are whole rows of that table, `holes` days that were never there, `spotless` those without
    a rejected row; `refused` are the tables of which silver has nothing on the last day; with `has_followers` the days
    after the last are there, too, as far as it reads them. `incomplete` are days around the last that had not ended
    when they were read.
    """

    folder: Path
    days: int = 35
    day: date = D
    store: MemoryLake = field(default_factory=MemoryLake)
    rejected: dict[tuple[date, str, str], int] = field(default_factory=dict)
    restated: Sequence[tuple[Any, ...]] = ()
    users: int = 40
    rows_of: dict[date, int] = field(default_factory=dict)
    rows_read: dict[tuple[date, str], int] = field(default_factory=dict)
    rate_days: int = 3
    first_day: date | None = None
    holes: tuple[date, ...] = ()
    spotless: tuple[date, ...] = ()
    refused: frozenset[str] = frozenset()
    has_followers: bool = False
    incomplete: tuple[date, ...] = ()
    mode: int = 0o444

    @property
    def path(self) -> Path:
        return self.folder / "analytics.duckdb"

    @property
    def dates(self) -> list[date]:
        every = [self.day - timedelta(days=n) for n in range(self.days - 1, -1, -1)]
        return [of for of in every if of not in self.holes]

    def make(self) -> "Scene":
        """Publish the last day's manifests and write the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.publish()
        self.load()
        return self

    def publish(self, complete: bool = True) -> None:
        """The manifests of the last day, in all layers, each made from those before it; silver of `incomplete` days."""
        around = [LAKE.silver(table, of) for of in self.incomplete for table in SOURCE_TABLES]
        for batch in around:
            self._publish(batch, {batch.name: 390}, (), False)
        bronze = {LAKE.bronze(table, self.day) for table in SOURCE_TABLES}
        for batch in sorted(bronze, key=str):
            names = [table.name for table in SOURCE_TABLES if table.batch == batch.name]
            self._publish(batch, dict.fromkeys(names, _BRONZE_ROWS), (), complete)
        for table in SOURCE_TABLES:
            if table.name not in self.refused:
                self._publish(LAKE.silver(table, self.day), {table.name: 390}, [LAKE.bronze(table, self.day)], complete)
        silver = [*(LAKE.silver(table, self.day) for table in SOURCE_TABLES), *around]
        for gold in GOLD_TABLES:
            read = [b for b in silver if b.name in gold.reads and b.day in gold.days_read(b.name, [self.day])]
            whole = complete and not {batch.day for batch in read} & {*self.incomplete}
            self._publish(LAKE.gold(gold, self.day), {gold.name: 1}, read, whole)

    def _publish(self, batch: Batch, rows: dict[str, int], made_from: Sequence[Batch], complete: bool) -> None:
        tables = {
            name: TableEntry((self._file(batch, name, count),), count, {}, {}, seconds=1.5)
            for name, count in rows.items()
        }
        live = {each.key: self.store.get(each.manifest) for each in made_from}
        made = Manifest(
            batch.layer,
            batch.name,
            str(batch.day),
            "attempt",
            1,
            self.loaded_at(batch.day).isoformat(),
            tables,
            {"manifests": {name: found.etag if found else ABSENT for name, found in live.items()}},
            complete,
            "0123456789abcdef",
            {},
            2.5,
            {"own_run": True} if batch.layer == "gold" else {},
        )
        self.store.objects[batch.manifest] = made.to_json(batch.root)

    def _file(self, batch: Batch, table: str, rows: int) -> File:
        file = File(batch.dataset(table).live_file("attempt", 0), 1000 * rows, rows)
        self.store.objects[file.name] = _zeros(file.bytes)
        return file

    @staticmethod
    def loaded_at(day: date) -> datetime:
        """When a day is loaded: forty minutes after it has ended."""
        return datetime(day.year, day.month, day.day, 0, 40, tzinfo=UTC) + timedelta(days=1)

    def load(self) -> None:
        """Write the file: figures, ledgers, and what it knows of itself."""
        loads = [
            Load(self.loaded_at(of).replace(tzinfo=None), TableDay(table.name, of), self._version(table, of))
            for of in self.dates
            for table in GOLD_TABLES
        ]
        facts = {load.of: self._facts(load.of) for load in loads}
        self.path.unlink(missing_ok=True)
        # DuckDB looks for pandas with every value that it is given, which takes ten times as long as the rest.
        without_pandas = patch.dict(sys.modules, {"pandas": None})
        with without_pandas, closing(duckdb.connect(str(self.path))) as db:
            db.execute("BEGIN")
            for table in GOLD_TABLES:
                db.execute(schema.create(table))
            self._fill(db)
            book.write(
                db,
                Book(loads, facts, self.restated, {"first_day": str(self.first_day)} if self.first_day else {}),
                GOLD_TABLES,
            )
            db.execute("COMMIT")
        self.path.chmod(self.mode)

    def _version(self, table: GoldTable, of: date) -> Version:
        stored = self.store.get(LAKE.gold(table, of).manifest)
        return Version(1, stored.etag if stored else '"other"', 1)

    def _facts(self, of: TableDay) -> Making:
        table = next(each for each in GOLD_TABLES if each.name == of.table)
        read = {day for name in table.reads for day in table.days_read(name, [of.day])}
        last = max(read) if self.has_followers else self.day
        before, there = min(self.dates), {*self.incomplete} - {*self.holes}
        absent = [d for d in sorted(read) if (not before <= d <= last or d in self.holes) and d not in there]
        own = {"settings": {"DAYBOOK_REPORTING_CURRENCY": "EUR"}}
        origin = {
            "inputs": {},
            "own": own,
            "valid_from": {"USD": str(of.day - timedelta(days=self.rate_days))},
            "forced": False,
        }
        return Making(self.loaded_at(of.day), not read & {*self.incomplete}, tuple(absent), origin)

    def _fill(self, db: duckdb.DuckDBPyConnection) -> None:
        users = [self.rows_of.get(of, self._usual_users(of)) for of in self.dates]
        days = "(SELECT unnest(CAST(? AS DATE[])) AS day, unnest(CAST(? AS INT[])) AS users)"
        activity = {
            "user_id": "md5(concat('u', n))::UUID",
            "date": "day",
            "total_nbr_connexion": "1 + n % 3",
            "total_spend_time": "to_microseconds((1000 + n * 37 + day(day) * 11) * 1000000)",
            "total_message_send_this_day": "n % 4",
            "total_money_spend": "round(n * 1.25, 2)",
        }
        impact = {
            "user_id": "md5(concat('u', n))::UUID",
            "content_notif": "'Somebody wrote'",
            "notif_date": "day",
            "is_success": "n % 2 = 0",
            "time_spend_after_success": "CASE WHEN n % 2 = 0 THEN to_seconds(60) END",
        }
        for table, named, rows in (
            (GLOBAL_USER_ACTIVITY_PER_DAY, activity, "users"),
            (GLOBAL_NOTIF_IMPACT_PER_DAY, impact, "users * 2 + day(day) % 3"),
        ):
            cells = gold_row(table, **named)
            given = [cell for cell in cells if not isinstance(cell, str)]  # the zeros; the others are SQL
            select = f"SELECT {', '.join(cell if isinstance(cell, str) else '?' for cell in cells)}"
            query = f"{select} FROM {days}, range({rows}) t(n) ORDER BY day"
            db.execute(f"INSERT INTO {table.name} {query}", [*given, self.dates, users])
        reasons = [
            gold_row(REJECTED_ROWS_PER_DAY, date=of, source_table=table, reason=reason, rejected_rows=rows)
            for of in self.dates
            for (table, reason), rows in self._refused(of).items()
        ]
        _insert(db, REJECTED_ROWS_PER_DAY, reasons)
        ledger = [self._ledger(of, table) for of in self.dates for table in SOURCE_TABLES]
        _insert(db, SOURCE_LEDGER_PER_DAY, ledger)

    def _usual_users(self, of: date) -> int:
        return int(self.users * (1.3 if of.weekday() >= 5 else 1)) + of.day * 7 % 5

    def _refused(self, of: date) -> dict[tuple[str, str], int]:
        usual = {} if of in self.spotless else REJECTED
        return {**usual, **{key[1:]: rows for key, rows in self.rejected.items() if key[0] == of}}

    def _ledger(self, of: date, table: SourceTable) -> tuple[Any, ...]:
        refused = sum(rows for (name, _), rows in self._refused(of).items() if name == table.name)
        bronze = self.rows_read.get((of, table.name), _BRONZE_ROWS)
        twice = min(2, bronze - refused)
        counts: tuple[int | None, ...] = (bronze - refused - twice, refused, twice)
        if of == self.day and table.name in self.refused:
            counts = (None, None, None)
        return gold_row(
            SOURCE_LEDGER_PER_DAY,
            date=of,
            source_table=table.name,
            source_rows=bronze if table.source == "postgres" else None,
            bronze_rows=bronze,
            **dict(zip(("silver_rows", "rejected_rows", "duplicate_rows"), counts, strict=True)),
            is_complete=True,
            read_at=self.loaded_at(of) - timedelta(minutes=30),
        )


@cache
def _zeros(count: int) -> bytes:
    """One for all scenes."""
    return bytes(count)


def _insert(db: duckdb.DuckDBPyConnection, table: GoldTable, rows: Sequence[tuple[Any, ...]]) -> None:
    engine.insert(db, table.name, {c.name: c.type_in.duckdb for c in table.columns}, rows)


def ran(scene: Scene, job: str, day: date, seconds: float, nights_ago: int, **more: Any) -> None:
    """Leave the record of a run of one day, that many nights ago by the real clock."""
    today = days.begins(today_for(minutes=1))
    five_minutes_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    started = max(five_minutes_ago, today) - timedelta(days=nights_ago)
    table_day = TableDayRun("gold", ACTIVITY, day, 10, 1000, 1.0, 0, True, True)
    known = {
        "exit_code": 0,
        "cpu_seconds": seconds * 2,
        "peak_memory_bytes": 5 * 10**8,
        "table_days": (table_day,),
        **more,
    }
    ended = started + timedelta(seconds=seconds)
    record = RunRecord(f"{nights_ago:08}", job, day, day, started, "0123456789abcdef", ended_at=ended, **known)
    runs.in_store(scene.store, "s3a://gold")(record)


def restated(scene: Scene, day: date, figure: str, before: float, after: float, final: bool | None) -> tuple[Any, ...]:
    """A row of `restatements` that came with the last load."""
    at = scene.loaded_at(scene.day)
    causes = ["refreshed" if final else "neighbour"]
    return at, ACTIVITY, day, figure, before, after, after - before, 1, 1, causes, final
