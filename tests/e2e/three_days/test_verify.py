"""A day is called good only while its whole chain holds: published, complete, made from what is live, and loaded."""

import json
from contextlib import ExitStack
from datetime import date

import pytest

from daybook.lake import manifest
from daybook.lake.paths import Layer
from local.demo.proof import Proof
from tests.kit.harness import RANGE, Daybook
from tests.kit.published import Change, changed

DAY = "2025-03-02"
ACTIVITY, IMPACT = "global_user_activity_per_day", "global_notif_impact_per_day"
LEDGERS = ("source_ledger_per_day", "rejected_rows_per_day")
GOLD, SILVER = (f"spark-submit jobs/{job}.py --ds {DAY}" for job in ("gold", "silver"))
TODAYS = "restore it, or read today's source: "
LOAD = f"python jobs/load_duckdb.py --ds {DAY}"


def longer(body: bytes) -> bytes:
    """The same content under another ETag."""
    return body + b"\n"


def not_complete(body: bytes) -> bytes:
    return json.dumps(json.loads(body) | {"complete": False}).encode()


def test_three_good_days_are_verified_and_nothing_is_written(daybook: Daybook, proof: Proof) -> None:
    before = daybook.stored(daybook.lake.gold), daybook.warehouse.stat().st_mtime_ns
    ended = daybook.verify(*RANGE)
    assert ended.code == 0, ended.output

    assert f"verified {DAY}: " in ended.output
    assert (daybook.stored(daybook.lake.gold), daybook.warehouse.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("layer", "batch", "change", "told", "command"),
    [
        ("gold", ACTIVITY, None, f"gold {ACTIVITY} {DAY}: there is no {{}}", GOLD),
        ("silver", "user_purchases", None, f"silver user_purchases {DAY}: there is no {{}}", SILVER),
        ("silver", "users", None,
         f"gold {LEDGERS[0]} {DAY}: made from silver users {DAY}, which is gone: there is no {{}}", SILVER),
        ("bronze", "_postgres", None,
         f"silver notification_states {DAY}: made from bronze _postgres {DAY}, which is gone: there is no {{}}",
         f"{TODAYS}spark-submit jobs/extract_postgres.py --ds {DAY}"),
        ("bronze", "user_purchases", None,
         f"silver user_purchases {DAY}: made from bronze user_purchases {DAY}, which is gone: there is no {{}}",
         f"{TODAYS}spark-submit jobs/extract_cassandra.py --ds {DAY}"),
        ("bronze", "user_purchases", longer,
         f"silver user_purchases {DAY}: bronze user_purchases {DAY} has changed since it was made", SILVER),
        ("silver", "user_purchases", longer,
         f"gold {ACTIVITY} {DAY}: silver user_purchases {DAY} has changed since it was made", GOLD),
        ("silver", "user_purchases", not_complete, f"silver user_purchases {DAY}: read before the day had ended",
         f"spark-submit jobs/day.py --ds {DAY} && {LOAD}"),
    ],
    ids=["gold gone", "silver gone", "no figure's silver gone", "snapshot gone", "bronze gone", "bronze changed",
         "silver changed", "incomplete"],
)  # fmt: skip
def test_a_broken_link_is_named_with_the_command_that_mends_it(
    daybook: Daybook, proof: Proof, layer: str, batch: str, change: Change | None, told: str, command: str
) -> None:
    name = f"{getattr(daybook.lake, layer)}/{batch}/{DAY}/_MANIFEST.json"
    with changed(daybook, name, change):
        ended = daybook.verify("--ds", DAY)
    assert (ended.code, ended.last_line) == (1, f"failed (exit 1): {told.format(name)} -- next: {command}")


@pytest.mark.parametrize(
    ("layer", "name", "part"),
    [("bronze", "groups", "files"), ("bronze", "user_purchases", "files"), ("silver", "activities", "files"),
     ("silver", "users", "rejected_files"), ("gold", ACTIVITY, "files"), ("gold", LEDGERS[0], "files")],
    ids=lambda value: value,
)  # fmt: skip
def test_a_file_that_is_gone_is_named_though_every_manifest_is_there(
    daybook: Daybook, proof: Proof, layer: Layer, name: str, part: str
) -> None:
    batch = daybook.batch(layer, name, date.fromisoformat(DAY))
    live = manifest.read(daybook.store, batch)
    assert live
    file = getattr(live.manifest.tables[name], part)[0]
    with changed(daybook, file.name, None):
        ended = daybook.verify("--ds", DAY)
    again = f"{batch.command} --table {name} {'--refresh' if layer == 'bronze' else '--force'}"
    line = f"{file.name} is missing; its manifest promises {file.bytes:,} bytes -- next: restore it, or {again}"
    assert (ended.code, ended.last_line) == (3, f"failed (exit 3): {line}")


def test_the_warehouse_must_hold_the_very_version_that_is_live(daybook: Daybook, proof: Proof) -> None:
    name = f"{daybook.lake.gold}/{ACTIVITY}/{DAY}/_MANIFEST.json"
    with changed(daybook, name, longer):
        ended = daybook.verify("--ds", DAY)
    line = f"warehouse {daybook.warehouse}: holds another version of gold {ACTIVITY} {DAY} than is live"
    assert (ended.code, ended.last_line) == (1, f"failed (exit 1): {line} -- next: {LOAD}")


def test_a_warehouse_that_is_not_there_is_no_good_day(daybook: Daybook, proof: Proof) -> None:
    path = daybook.elsewhere / "none.duckdb"
    ended = daybook.verify("--ds", DAY, DUCKDB_PATH=str(path))
    line = f"warehouse {path}: there is no such file -- next: {LOAD}"
    assert (ended.code, ended.last_line) == (1, f"failed (exit 1): {line}")


def test_a_day_with_ledgers_needs_them_and_one_of_an_older_daybook_is_told_that_it_has_none(
    daybook: Daybook, proof: Proof
) -> None:
    ledger = daybook.batch("gold", "source_ledger_per_day", date.fromisoformat(DAY))
    with changed(daybook, ledger.manifest, None):
        ended = daybook.verify("--ds", DAY)
        assert ended.code == 1
        assert ended.last_line.endswith(f"{ledger}: there is no {ledger.manifest} -- next: {GOLD}")
    places = [daybook.batch("gold", name, ledger.day).manifest for name in (ACTIVITY, IMPACT, *LEDGERS)]
    with ExitStack() as stack:
        for place in places[:2]:
            stack.enter_context(changed(daybook, place, of_an_older_daybook))
        for place in places[2:]:
            stack.enter_context(changed(daybook, place, None))
        ended = daybook.verify("--ds", DAY)
    assert f"{DAY} has no ledgers: gold made by an older Daybook -- next: {GOLD}" in ended.output
    assert "holds another version of gold" in ended.last_line, "which is as far as it comes with other manifests"


def of_an_older_daybook(body: bytes) -> bytes:
    return json.dumps(json.loads(body) | {"origin": {}}).encode()
