"""A day is called good only while its whole chain holds: published, complete, made from what is live, and loaded."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from local.demo.proof import Proof
from tests.kit.harness import RANGE, Daybook

DAY = "2025-03-02"
ACTIVITY = "global_user_activity_per_day"
GOLD, SILVER = (f"spark-submit jobs/{job}.py --ds {DAY}" for job in ("gold", "silver"))
LOAD = f"python jobs/load_duckdb.py --ds {DAY}"
Change = Callable[[bytes], bytes]


@contextmanager
def changed(daybook: Daybook, name: str, change: Change | None) -> Iterator[None]:
    """A manifest of the lake, changed or (with None) gone until the block ends."""
    stored = daybook.store.get(name)
    assert stored
    daybook.store.delete([name])
    if change:
        daybook.store.put_if_unchanged(name, change(stored.body), None)
    try:
        yield
    finally:
        daybook.store.delete([name])
        daybook.store.put_if_unchanged(name, stored.body, None)


def longer(body: bytes) -> bytes:
    """The same content under another ETag."""
    return body + b"\n"


def not_complete(body: bytes) -> bytes:
    return json.dumps(json.loads(body) | {"complete": False}).encode()


def test_three_good_days_are_verified_and_nothing_is_written(daybook: Daybook, proof: Proof) -> None:
    before = daybook.store.sizes(daybook.lake.gold), daybook.warehouse.stat().st_mtime_ns
    ended = daybook.verify(*RANGE)
    assert ended.code == 0, ended.output

    assert f"verified {DAY}: " in ended.output
    assert (daybook.store.sizes(daybook.lake.gold), daybook.warehouse.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("layer", "batch", "change", "told", "command"),
    [
        ("gold", ACTIVITY, None, f"gold {ACTIVITY} {DAY}: there is no {{}}", GOLD),
        ("silver", "users", None, f"silver users {DAY}: there is no {{}}", SILVER),
        ("bronze", "_postgres", None,
         f"silver users {DAY}: made from bronze _postgres {DAY}, which is gone: there is no {{}}",
         f"spark-submit jobs/extract_postgres.py --ds {DAY}"),
        ("bronze", "user_purchases", None,
         f"silver user_purchases {DAY}: made from bronze user_purchases {DAY}, which is gone: there is no {{}}",
         f"spark-submit jobs/extract_cassandra.py --ds {DAY}"),
        ("bronze", "user_purchases", longer,
         f"silver user_purchases {DAY}: bronze user_purchases {DAY} has changed since it was made", SILVER),
        ("silver", "user_purchases", longer,
         f"gold {ACTIVITY} {DAY}: silver user_purchases {DAY} has changed since it was made", GOLD),
        ("silver", "groups", not_complete, f"silver groups {DAY}: read before the day had ended",
         f"extract {DAY} again, then make silver and gold and load"),
    ],
    ids=["gold gone", "silver gone", "snapshot gone", "bronze gone", "bronze changed", "silver changed", "incomplete"],
)  # fmt: skip
def test_a_broken_link_is_named_with_the_command_that_mends_it(
    daybook: Daybook, proof: Proof, layer: str, batch: str, change: Change | None, told: str, command: str
) -> None:
    name = f"{getattr(daybook.lake, layer)}/{batch}/{DAY}/_MANIFEST.json"
    with changed(daybook, name, change):
        ended = daybook.verify("--ds", DAY)
    assert (ended.code, ended.last_line[9:]) == (1, f"failed (exit 1): {told.format(name)} -- next: {command}")


def test_the_warehouse_must_hold_the_very_version_that_is_live(daybook: Daybook, proof: Proof) -> None:
    name = f"{daybook.lake.gold}/{ACTIVITY}/{DAY}/_MANIFEST.json"
    with changed(daybook, name, longer):
        ended = daybook.verify("--ds", DAY)
    line = f"warehouse {daybook.warehouse}: holds another version of gold {ACTIVITY} {DAY} than is live"
    assert (ended.code, ended.last_line[9:]) == (1, f"failed (exit 1): {line} -- next: {LOAD}")


def test_a_warehouse_that_is_not_there_is_no_good_day(daybook: Daybook, proof: Proof) -> None:
    path = daybook.elsewhere / "none.duckdb"
    ended = daybook.verify("--ds", DAY, DUCKDB_PATH=str(path))
    line = f"warehouse {path}: there is no such file -- next: {LOAD}"
    assert (ended.code, ended.last_line[9:]) == (1, f"failed (exit 1): {line}")
