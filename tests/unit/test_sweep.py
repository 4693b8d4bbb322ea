"""Sweeping takes what no manifest names, is old enough and is Daybook's own kind of file: nothing else, ever."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from daybook.lake import sweep
from daybook.lake.objects import Found

ROOT = "s3a://silver/lake"
LIMIT = datetime(2025, 3, 5, 12, tzinfo=UTC)
TABLES = ("users", "user_purchases", "global_user_activity_per_day")
FOREIGN = (
    "README", "users", "users/2025-03-01", "users/2025-03-01/_MANIFEST.json", "users/notes/users.parquet/x",
    "other/2025-03-01/other.parquet/x", "test/users/2025-03-01/users.parquet/x", "users/2025-03-01/users.json/x",
    "_rejected/other/2025-03-01/_attempts/x/y", "users/2025-03-01/users.parquet", "spark-events/app-1.zstd",
)  # fmt: skip


def a_lake(chance: Random) -> tuple[dict[str, Found], set[str]]:
    """A random state of a lake: what there is, and which of it manifests name."""
    objects, named = {}, set()
    for _ in range(chance.randrange(60)):
        table, day = chance.choice(TABLES), f"2025-03-0{chance.randrange(1, 6)}"
        below = chance.choice((f"{table}.parquet", f"{table}.csv", f"_attempts/{chance.randrange(9)}"))
        prefix = chance.choice(("", "_rejected/"))
        name = f"{ROOT}/{prefix}{table}/{day}/{below}/{chance.randrange(99)}.zstd.parquet"
        objects[name] = Found(
            chance.randrange(9), LIMIT + timedelta(seconds=chance.choice((-90_000, -1, 0, 1, 90_000)))
        )
        if chance.random() < 0.5:
            named.add(name)
    for name in FOREIGN:
        objects[f"{ROOT}/{name}"] = Found(1, LIMIT - timedelta(days=chance.randrange(1, 900)))
    return objects, named


@pytest.mark.parametrize("seed", range(500))
def test_what_is_named_young_or_foreign_is_spared_and_all_else_is_found(seed: int) -> None:
    objects, named = a_lake(Random(seed))
    foreign = {f"{ROOT}/{name}" for name in FOREIGN}
    found = sweep.unnamed(objects, ROOT, named, LIMIT)
    assert not found.keys() & named
    assert not found.keys() & foreign
    assert found == {
        name: each.bytes
        for name, each in objects.items()
        if name not in named and name not in foreign and each.written < LIMIT
    }


def test_what_is_found_is_told_by_table_and_day() -> None:
    names = {"s3a://b/users/2025-03-01/_attempts/a/x": 1, "s3a://b/users/2025-03-01/users.csv/y": 2,
             "s3a://b/_rejected/users/2025-03-02/users.parquet/z": 4}  # fmt: skip
    assert {folder: sum(each.values()) for folder, each in sweep.by_table_day(names).items()} == {
        "s3a://b/_rejected/users/2025-03-02": 4,
        "s3a://b/users/2025-03-01": 3,
    }
