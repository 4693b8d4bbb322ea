"""`restatements`: every figure that a load changes has its receipt, reckoned again from both files' rows."""

import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from daybook.warehouse import day_origins, receipts
from daybook.warehouse.history import Load
from daybook.warehouse.tabledays import Making, TableDay, Version
from tests.kit import warehouse as kit
from tests.kit.warehouse import (
    ANNA,
    BERT,
    LETTERS,
    PUBLISHED_AT,
    VISITS,
    MemoryStore,
    Row,
    ask,
    day,
    letter,
    visit,
)

RECEIPTS = "SELECT * EXCLUDE (loaded_at) FROM restatements ORDER BY rowid"
CAUSES = ("neighbour", "refreshed", "rate", "setting", "rule")
DAYS = (day(0), day(1))
SECOND = timedelta(seconds=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "analytics.duckdb"


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    return MemoryStore(tmp_path)


def load(store: MemoryStore, path: Path, *, rebuild: bool = False) -> bool:
    return kit.load(store, path, [] if rebuild else DAYS, rebuild=rebuild)


def origin(turns: Counter[str], *, forced: bool = False) -> dict[str, Any]:
    """What gold would be made from once each cause has taken effect so many times."""
    silver = {
        "manifests": {"bronze": f"etag {turns['refreshed']}"},
        "meaning_version": turns["rule"],
        "settings": {"DAYBOOK_AMOUNT_LIMIT": "1"},
        "rates": {"USD": f"0.{turns['rate'] + 1}"},
    }
    own = {"meaning_version": 2, "settings": {"DAYBOOK_MAX_GAP_HOURS": str(turns["setting"])}}
    return {"inputs": {f"silver {turns['neighbour']}": silver, "silver": silver}, "own": own, "forced": forced}


def publish(store: MemoryStore, table: str, on: date, rows: Sequence[Row], version: int, **more: Any) -> None:
    store.publish(table, on, rows, version=version, **more)


def some_rows(random: Random, table: str, on: date) -> list[Row]:
    """Few enough that versions have some of them in common."""
    users = [random.choice([ANNA, BERT]) for _ in range(random.randint(0, 3))]
    if table == VISITS:
        money = [random.choice([0, 19.99, 0.01]) for _ in users]
        return [visit(u, on, random.randint(0, 2), 60.5, 1, paid) for u, paid in zip(users, money, strict=True)]
    return [letter(u, on, random.choice(["hello", "you"]), random.choice([None, 2.25])) for u in users]


def sums(table: str, rows: Sequence[Row]) -> dict[str, Decimal]:
    """The figures of a day, added up one by one."""
    if table == VISITS:
        columns = list(zip(*rows, strict=True))[2:] or [(), (), (), ()]
        visits, spent, messages, money = columns
        return {
            "rows": Decimal(len(rows)),
            "visits": Decimal(sum(visits)),
            "time_spent": sum((Decimal(str(each / SECOND)) for each in spent), Decimal(0)),
            "messages": Decimal(sum(messages)),
            "money": sum((Decimal(str(each)) for each in money), Decimal(0)),
        }
    answers = [row[4] for row in rows if row[4] is not None]
    return {
        "rows": Decimal(len(rows)),
        "is_read": Decimal(sum(row[3] for row in rows)),
        "time_to_answer": sum((Decimal(str(each / SECOND)) for each in answers), Decimal(0)),
    }


def expected(table: str, on: date, before: list[Row], after: list[Row], causes: list[str]) -> list[tuple[Any, ...]]:
    """The receipts of a table-day, from its rows in both files."""
    removed, added = Counter(before) - Counter(after), Counter(after) - Counter(before)
    if not removed and not added:
        return []
    was, now = sums(table, before), sums(table, after)
    changed = [figure for figure in was if was[figure] != now[figure]] or ["rows"]
    rows = removed.total(), added.total()
    return [(table, on, f, was[f], now[f], now[f] - was[f], *rows, causes, True) for f in changed]


def rows_of(path: Path, table: str, on: date) -> list[Row]:
    column = "date" if table == VISITS else "sent_on"
    return ask(path, f"FROM {table} WHERE {column} = DATE '{on}'")


@pytest.mark.parametrize("seed", range(50))
def test_receipts_are_what_differs_between_the_old_file_and_the_new_with_its_causes(
    seed: int, store: MemoryStore, path: Path, tmp_path: Path
) -> None:
    random, turns = Random(seed), {(table, on): Counter[str]() for table in (VISITS, LETTERS) for on in DAYS}
    for table, on in turns:
        publish(store, table, on, some_rows(random, table, on), 1, origin=origin(turns[table, on]))
    load(store, path)
    assert ask(path, RECEIPTS) == [], "what was not there is not restated"
    old, told = tmp_path / "old.duckdb", []
    for version in (2, 3):
        shutil.copy(path, old)
        causes = {}
        for table, on in random.sample(sorted(turns), random.randint(1, 4)):
            why = [cause for cause in CAUSES if random.random() < 0.3]
            forced = random.random() < 0.3
            turns[table, on].update(why)
            rows = some_rows(random, table, on)
            publish(store, table, on, rows, version, origin=origin(turns[table, on], forced=forced))
            causes[table, on] = [*why, "forced"] if forced or not why else why
        load(store, path)
        for table, on in sorted(causes, key=lambda of: (of[0] == LETTERS, of[1])):
            told += expected(table, on, rows_of(old, table, on), rows_of(path, table, on), causes[table, on])
        assert ask(path, RECEIPTS) == told


def test_a_file_or_a_manifest_that_knows_no_origins_has_an_unknown_cause(store: MemoryStore, path: Path) -> None:
    for on in DAYS:
        store.publish_all(on)
    load(store, path)
    publish(store, VISITS, day(0), [visit(ANNA, day(0), visits=9)], 2, origin=origin(Counter()))
    load(store, path)
    assert ask(path, "SELECT date, figure, before, after, causes FROM restatements") == [
        (day(0), "visits", 1, 9, ["unknown"])
    ]


def test_a_rebuild_keeps_the_receipts_and_gives_those_that_are_due(store: MemoryStore, path: Path) -> None:
    for on in DAYS:
        publish(store, VISITS, on, [visit(ANNA, on)], 1, origin=origin(Counter()))
        publish(store, LETTERS, on, [], 1, origin=origin(Counter()))
    load(store, path)
    publish(store, VISITS, day(0), [visit(ANNA, day(0), visits=2)], 2, origin=origin(Counter(["rate"])))
    load(store, path)
    publish(store, VISITS, day(1), [visit(ANNA, day(1), visits=3)], 2, origin=origin(Counter(["rule"])))
    load(store, path, rebuild=True)
    assert ask(path, "SELECT date, before, after, causes FROM restatements ORDER BY rowid") == [
        (day(0), 1, 2, ["rate"]),
        (day(1), 1, 3, ["rule"]),
    ]


def test_a_text_that_changes_and_no_sum_is_told_by_the_number_of_rows(store: MemoryStore, path: Path) -> None:
    for on in DAYS:
        publish(store, VISITS, on, [], 1, origin=origin(Counter()))
        publish(store, LETTERS, on, [letter(ANNA, on)], 1, origin=origin(Counter()), absent=[day(2)])
    load(store, path)
    publish(store, LETTERS, day(1), [letter(ANNA, day(1), "bye")], 2, origin=origin(Counter(["neighbour"])))
    load(store, path)
    assert ask(path, RECEIPTS) == [(LETTERS, day(1), "rows", 1, 1, 0, 1, 1, ["neighbour"], False)]
    with duckdb.connect(str(path), read_only=True) as db:
        assert db.execute("SELECT typeof(before) FROM restatements").fetchone() == ("DECIMAL(38,6)",)


def test_names_as_the_release_before_wrote_them_are_no_cause() -> None:
    key, bronze = f"users/{day(0)}/_MANIFEST.json", f"users/{day(0)}/_MANIFEST.json"
    silver: dict[str, Any] = {"manifests": {bronze: "1"}, "meaning_version": 1, "settings": {}}
    old = {**silver, "manifests": {f"s3a://bronze/{bronze}": "1"}}
    rest = {"own": {"meaning_version": 1, "settings": {}}, "forced": False}
    of = TableDay(VISITS, day(0))
    kept = Making(PUBLISHED_AT, True, (), {"inputs": {f"s3a://silver/{key}": old}, **rest})
    with closing(duckdb.connect()) as db:
        day_origins.write(db, [Load(PUBLISHED_AT.replace(tzinfo=None), of, Version(1, "1", 1))], {of: kept})
        read = day_origins.makings(db)[of]
    for etag, why in {"1": ["forced"], "2": ["refreshed"]}.items():
        now = {"inputs": {key: {**silver, "manifests": {bronze: etag}}}, **rest}
        assert receipts.causes_of_change(read, replace(kept, origin=now)) == why


def test_silver_days_that_another_meaning_reads_for_the_first_time_are_no_cause() -> None:
    """Unless one of them was not there when the older version read its days."""
    before, read_anew = date(2025, 2, 28), "events/2025-02-27/_MANIFEST.json"
    silver = {"manifests": {}, "meaning_version": 1, "settings": {}}

    def made(meaning: int, *names: str, absent: tuple[date, ...] = ()) -> Making:
        own = {"meaning_version": meaning, "settings": {}}
        origin = {"inputs": dict.fromkeys(names, silver), "own": own, "forced": False}
        return Making(datetime(2025, 3, 2, tzinfo=UTC), True, absent, origin)

    old = f"events/{before}/_MANIFEST.json"
    assert receipts.causes_of_change(made(2, old), made(3, old, read_anew)) == ["rule"]
    assert receipts.causes_of_change(made(2, absent=(before,)), made(3, old, read_anew)) == ["neighbour", "rule"]
    assert receipts.causes_of_change(made(2, old), made(2, old, read_anew)) == ["neighbour"]
