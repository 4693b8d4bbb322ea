"""A lake made of canaries, and the ways in which its files are damaged for `test_canaries.py`."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.model import SourceTable
from daybook.lake.paths import Layer
from tests.kit.canaries import EMAIL, PHONE, TEXT
from tests.kit.errors import put
from tests.kit.harness import Daybook, Driver
from tests.kit.own_sources import Sources, good_row

DAY = "2025-01-15"
AT = datetime(2025, 1, 15, 10, tzinfo=UTC)
# A file's bytes and a folder to work in → the bytes that take their place.
Damage = Callable[[bytes, Path], bytes]


@dataclass(frozen=True)
class Way:
    """The job that fails, and the file of its input that is damaged: of a layer, table and day, or the manifest."""

    job: str
    layer: Layer
    table: str
    damage: Damage
    manifest: bool = False


def row(table: SourceTable, number: int, **other: Any) -> dict[str, Any]:
    """A row that keeps every rule, in which every text is a canary."""
    told = {"email": EMAIL, "last_name": PHONE}
    return good_row(table, number, AT) | {c.name: told.get(c.name, TEXT) for c in table.columns if c.personal} | other


def make(daybook: Daybook, driver: Driver, sources: Sources, lake: Mapping[str, str]) -> None:
    """Publish the day, from the sources to the file."""
    for table in SOURCE_TABLES:
        sources.insert(table, [row(table, number) for number in range(1, 4)])
    for job in ("extract_postgres", "extract_cassandra", "silver", "gold"):
        ended = driver.run(job, "--ds", DAY, **lake, **sources.settings)
        assert ended.code == 0, ended.output
    loaded = daybook.load("--ds", DAY, **lake)
    assert loaded.code == 0, loaded.output


@contextmanager
def damaged(daybook: Daybook, lake: Mapping[str, str], way: Way, folder: Path) -> Iterator[None]:
    """The file damaged, and its manifest in keeping with its new size, until the block ends."""
    root = lake[f"DAYBOOK_{way.layer.upper()}"]
    batch = "_postgres" if way.layer == "bronze" and way.table in ("users", "groups") else way.table
    named = f"{root}/{batch}/{DAY}/_MANIFEST.json"
    before = _body(daybook, named)
    told = json.loads(before)
    file = told["tables"][way.table]["files"][0]
    name = f"{root}/{file['name']}"
    whole = _body(daybook, name)
    try:
        if way.manifest:
            put(daybook, named, way.damage(before, folder))
        else:
            body = way.damage(whole, folder)
            file["bytes"] = len(body)
            put(daybook, name, body)
            put(daybook, named, json.dumps(told).encode())
        yield
    finally:
        put(daybook, name, whole)
        put(daybook, named, before)


def _body(daybook: Daybook, name: str) -> bytes:
    found = daybook.store.get(name)
    assert found, name
    return found.body


def _text(body: bytes, folder: Path) -> bytes:
    return f"{EMAIL} {PHONE} {TEXT}\n".encode() * 40


def _retyped(change: str) -> Damage:
    """A Parquet file whose column is made by another expression."""

    def of(body: bytes, folder: Path) -> bytes:
        before, after = folder / "before.parquet", folder / "after.parquet"
        before.write_bytes(body)
        query = f"SELECT * REPLACE ({change}) FROM read_parquet('{before}')"
        with duckdb.connect() as db:
            db.execute(f"COPY ({query}) TO '{after}' (FORMAT parquet)")
        return after.read_bytes()

    return of


def _header_last(body: bytes, folder: Path) -> bytes:
    head, end, rows = body.partition(b"\n")
    return rows + head + end


WAYS: Mapping[str, Way] = {
    "a record with a field too many": Way(
        "silver --table users", "bronze", "users", lambda body, _: body.replace(TEXT.encode(), b"canary,sings", 1)
    ),
    "a record with a field too few": Way(
        "silver --table groups", "bronze", "groups", lambda body, _: body.replace(f"{TEXT},".encode(), b"canary ", 1)
    ),
    "a record for a header": Way("silver --table users", "bronze", "users", _header_last),
    "a manifest that is none": Way("silver --table users", "bronze", "users", _text, manifest=True),
    "silver of another type": Way(
        "gold --force --table global_notif_impact_per_day",
        "silver",
        "user_notifications",
        _retyped(f"'{EMAIL}' AS notification_time"),
    ),
    "gold that is no Parquet": Way("load_duckdb --rebuild", "gold", "global_notif_impact_per_day", _text),
    "gold with an id that is none": Way(
        "load_duckdb --rebuild", "gold", "global_notif_impact_per_day", _retyped(f"'{EMAIL}' AS user_id")
    ),
    "gold with a date that is none": Way(
        "load_duckdb --rebuild", "gold", "global_notif_impact_per_day", _retyped(f"'{PHONE}' AS notif_date")
    ),
}
