"""What the warehouse tests share: two toy tables, their gold days as Parquet, and a store in memory."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from daybook.contracts import GOLD_TABLES, LEDGER_TABLES
from daybook.contracts.gold_model import GoldColumn, GoldTable, Sum
from daybook.lake.manifest import ABSENT, File, Manifest, TableEntry
from daybook.lake.objects import Stored
from daybook.lake.store import Store
from daybook.warehouse import book, current, files, schema
from daybook.warehouse import load as loading
from daybook.warehouse.book import Book
from daybook.warehouse.request import LoadRequest
from daybook.warehouse.successor import build_even, swap
from daybook.warehouse.tabledays import Fetched, TableDay, Version

VISITS, LETTERS = "global_visits_per_day", "letters_per_day"
# Between them they have every type of column, and both kinds of names of views.
TABLES = (
    GoldTable(
        name=VISITS,
        grain="One row per user and day.",
        columns=(
            GoldColumn("user_id", "uuid", "The user."),
            GoldColumn("date", "date", "The day."),
            GoldColumn("visits", "int", "Visits of the day."),
            GoldColumn("time_spent", "duration", "Time of the day."),
            GoldColumn("messages", "int", "Messages of the day."),
            GoldColumn("money", "money", "Money of the day, to the cent."),
        ),
        reads={"events": (-1, 0, 1)},
        sums={"messages": Sum("sum(messages)"), "money": Sum("sum(CAST(money AS DECIMAL(38, 2)))")},
        never={"negative": "visits < 0 OR time_spent < INTERVAL '0' SECOND"},
    ),
    GoldTable(
        name=LETTERS,
        grain="One row per letter of the day.",
        columns=(
            GoldColumn("user_id", "uuid", "To whom."),
            GoldColumn("text", "string", "What it says."),
            GoldColumn("sent_on", "date", "The day."),
            GoldColumn("is_read", "boolean", "Whether it was read."),
            GoldColumn("time_to_answer", "duration", "How long that took; NULL if it was not read."),
        ),
        reads={"letters": (0, 1, 2)},
        sums={"read": Sum("count_if(is_read)", proven="never")},
        never={"unread_answers": "(time_to_answer IS NULL) = is_read"},
        rows_are="letters",
    ),
    *LEDGER_TABLES,
)
_CONTRACTS = {table.name: table for table in (*TABLES, *GOLD_TABLES)}
ROOT = "s3a://gold"
D = date(2025, 3, 1)
PUBLISHED_AT = datetime(2025, 3, 9, 12, tzinfo=UTC)
ANNA, BERT = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
SECOND = 1_000_000

Row = tuple[Any, ...]
_DB = duckdb.connect()  # one for all: opening costs more than any test's queries


def day(offset: int) -> date:
    """D plus so many days."""
    return D + timedelta(days=offset)


def visit(user: str, on: date, visits: int = 1, seconds: float = 60, messages: int = 0, money: float = 0) -> Row:
    """A row of gold as Spark writes it."""
    return user, on, visits, round(seconds * SECOND), messages, float(money)


def letter(user: str, on: date, text: str | None = "hello", seconds: float | None = None) -> Row:
    """A row of gold as Spark writes it."""
    return user, text, on, seconds is not None, None if seconds is None else round(seconds * SECOND)


def stored(row: Row) -> Row:
    """A row of gold as Parquet has it: durations in microseconds."""
    return tuple(cell // timedelta(microseconds=1) if isinstance(cell, timedelta) else cell for cell in row)


def parquet(path: Path, table: str, rows: Sequence[Row], types: dict[str, str] | None = None) -> Path:
    """A Parquet file with gold's physical types; `types` replaces those of single columns."""
    spec = {c.name: c.type_in.parquet for c in _CONTRACTS[table].columns} | (types or {})
    path.parent.mkdir(parents=True, exist_ok=True)
    with _DB.cursor() as db:
        db.execute(f"CREATE OR REPLACE TABLE t ({', '.join(f'{schema.name(n)} {t}' for n, t in spec.items())})")
        if rows:
            db.executemany(f"INSERT INTO t VALUES ({', '.join('?' for _ in spec)})", [stored(row) for row in rows])
        db.execute(f"COPY t TO {schema.literal(path)} (FORMAT parquet, COMPRESSION zstd)")
    return path


def fetched(folder: Path, table: str, on: date, rows: Sequence[Row], version: int = 1, **ledger: object) -> Fetched:
    """A gold table-day as it is after the download."""
    file = parquet(folder / f"{table}-{on}-{version}.parquet", table, rows)
    return Fetched(TableDay(table, on), Version(version, f'"{on}-{version}"', len(rows)), ledger, (str(file),))


def put(path: Path, *days: Fetched, rebuild: bool = False) -> None:
    """Load table-days that are already on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.workspace(path) as folder:
        asked = LoadRequest(MemoryStore(folder), ROOT, path, TABLES, (), rebuild=rebuild)
        before = current.predecessor(path, TABLES, rebuild)
        swap(asked, before, build_even(folder / "next.duckdb", asked, before, days))


def load(
    store: Store, path: Path, days: Sequence[date], tables: Sequence[GoldTable] = TABLES, root: str = ROOT, **more: Any
) -> bool:
    """Load gold of a store around the days, as the job does."""
    return loading.load(LoadRequest(store, root, path, tables, days, **more))


@contextmanager
def without_rows() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables and the views, and nothing in them."""
    with closing(duckdb.connect()) as db:
        for table in TABLES:
            db.execute(schema.create(table))
        book.write(db, Book(), TABLES)
        yield db


def ask(path: Path, query: str) -> list[Row]:
    """What an analyst gets who opens the file read-only now."""
    with duckdb.connect(str(path), read_only=True) as db:
        return db.execute(query).fetchall()


class MemoryStore(Store):
    """The object store's calls that a load makes, on a dictionary."""

    def __init__(self, folder: Path) -> None:
        self.objects: dict[str, bytes] = {}
        self.downloads: list[str] = []
        self.published_at = PUBLISHED_AT
        self._folder = folder

    def publish(
        self,
        table: str,
        on: date,
        rows: Sequence[Row],
        version: int = 1,
        absent: Collection[date] = (),
        complete: bool = True,
        origin: Mapping[str, Any] | None = None,
        **ledger: object,
    ) -> None:
        """Publish a gold table-day as the gold job does; without the silver of the days that are `absent`."""
        base = f"{ROOT}/{table}/{on}"
        name = f"{base}/{table}.parquet/attempt{version}-00000.zstd.parquet"
        body = parquet(self._folder / "made.parquet", table, rows).read_bytes()
        entry = TableEntry((File(name, len(body), len(rows)),), len(rows), {}, ledger, seconds=0)
        inputs = {f"read/{day}/_MANIFEST.json": ABSENT for day in absent}
        made = Manifest(
            "gold",
            table,
            str(on),
            f"attempt{version}",
            version,
            self.published_at.isoformat(),
            {table: entry},
            {"manifests": inputs},
            complete,
            "",
            {},
            0,
            dict(origin or {}),
        )
        self.objects |= {name: body, f"{base}/_MANIFEST.json": made.to_json(ROOT)}

    def publish_all(self, on: date, messages: int = 0, version: int = 1) -> None:
        """Publish a small day of both tables."""
        self.publish(VISITS, on, [visit(ANNA, on, messages=messages)], version, messages=messages)
        self.publish(LETTERS, on, [letter(ANNA, on)], version)

    def publish_whole(self, on: date, clean: int = 9, version: int = 1) -> None:
        """Publish a small day of all tables, as a run for that very day does, with so many clean rows of `letters`."""
        self.publish_all(on, version=version)
        self.publish_ledgers(on, clean, version)

    def publish_ledgers(self, on: date, clean: int = 9, version: int = 1) -> None:
        """Publish the ledgers of a day."""
        row = (on, "letters", None, clean, clean, 0, 0, True, PUBLISHED_AT)
        name = "source_ledger_per_day"
        self.publish(name, on, [row], version, read=clean, clean=clean, refused=0, unaccounted=0, unread=0)
        self.publish("rejected_rows_per_day", on, [], version, given=0, idle=0)

    def drop(self, on: date) -> None:
        """Take a day out of gold."""
        self.objects = {uri: body for uri, body in self.objects.items() if f"/{on}/" not in uri}

    def get(self, uri: str) -> Stored | None:
        body = self.objects.get(uri)
        return None if body is None else Stored(body, f'"{hashlib.md5(body).hexdigest()}"')

    def put(self, uri: str, body: bytes) -> None:
        self.objects[uri] = body

    def delete(self, uris: list[str]) -> None:
        self.objects = {uri: body for uri, body in self.objects.items() if uri not in uris}

    def sizes(self, folder: str) -> dict[str, int]:
        return {uri: len(body) for uri, body in self.objects.items() if uri.startswith(f"{folder}/")}

    def download(self, uri: str, path: str) -> None:
        self.downloads.append(uri)
        Path(path).write_bytes(self.objects[uri])

    def edit(self, table: str, on: date, **values: object) -> None:
        """Change what a table-day's manifest says of the table."""
        uri = f"{ROOT}/{table}/{on}/_MANIFEST.json"
        raw = json.loads(self.objects[uri])
        raw["tables"][table] |= values
        self.objects[uri] = json.dumps(raw).encode()
