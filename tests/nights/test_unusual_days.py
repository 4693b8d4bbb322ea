"""Days unlike the others: one from a broken source, an empty one, one that has not ended yet."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import CASSANDRA_TABLES, GOLD_TABLES, POSTGRES_TABLES, SOURCE_TABLES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.model import SourceTable
from daybook.contracts.notification_states import NOTIFICATION_STATES
from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.lake import manifest
from daybook.lake.manifest import Live, Manifest
from daybook.lake.paths import Layer
from daybook.page.formatting import long_day
from tests.kit.clock import today_for
from tests.kit.harness import SPARK_JOBS, Daybook, Driver, Ended
from tests.kit.own_sources import Sources, good_row, own_sources

BY_DAY = [table for table in SOURCE_TABLES if table.window]
A_DAY = timedelta(days=1)
JUST_BEFORE = timedelta(milliseconds=1)  # the finest that Cassandra knows


@pytest.fixture(scope="module")
def sources(daybook: Daybook) -> Iterator[Sources]:
    """Tables of this file's own; those that are read whole stay empty."""
    with own_sources(daybook, "unusual_days") as ours:
        yield ours


@pytest.fixture
def today() -> date:
    """The UTC day, which stays today for the whole test."""
    return today_for(minutes=5)


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def published(daybook: Daybook, lake: dict[str, str], layer: Layer, name: str, day: date) -> Live | None:
    return manifest.read(daybook.store, daybook.batch(layer, name, day, **lake))


def manifests(daybook: Daybook, lake: dict[str, str], day: date) -> dict[str, list[Manifest]]:
    """The manifests of a day by layer: all that five jobs publish."""
    names: dict[Layer, list[str]] = {
        "bronze": [POSTGRES_TABLES[0].name, *(table.name for table in CASSANDRA_TABLES)],
        "silver": [table.name for table in SOURCE_TABLES],
        "gold": [table.name for table in GOLD_TABLES],
    }
    found = {layer: [published(daybook, lake, layer, name, day) for name in names[layer]] for layer in names}
    return {layer: [live.manifest for live in lives if live] for layer, lives in found.items()}


def rows(found: list[Manifest]) -> dict[str, int]:
    return {name: entry.rows for one in found for name, entry in one.tables.items()}


def query(lake: dict[str, str], sql: str) -> list[Any]:
    with duckdb.connect(lake["DUCKDB_PATH"], read_only=True) as warehouse:
        return warehouse.execute(sql).fetchall()


def purchases(day: date, negative: int, good: int) -> list[dict[str, Any]]:
    amounts = [Decimal(-1)] * negative + [Decimal(1)] * good
    return [{**good_row(USER_PURCHASES, n, start_of(day)), "amount": amount} for n, amount in enumerate(amounts)]


def test_a_broken_source_is_refused_and_dirt_in_a_few_rows_or_in_half_of_them_is_not(
    daybook: Daybook, driver: Driver, sources: Sources
) -> None:
    nine, few, half, most, all_ten = (date(2025, 1, day) for day in (19, 20, 21, 22, 23))
    for day, negative, good in ((nine, 9, 0), (few, 100, 1), (half, 101, 101), (most, 101, 100), (all_ten, 10, 0)):
        sources.insert(USER_PURCHASES, purchases(day, negative, good))
    lake = daybook.own_lake("broken_source")
    table = ("--from", str(nine), "--to", str(all_ten), "--table", "user_purchases")
    assert driver.run("extract_cassandra", *table, **lake, **sources.settings).code == 0
    for day, rejected in ((most, "101 of 201"), (all_ten, "10 of 10")):
        ended = driver.run("silver", "--ds", str(day), "--table", "user_purchases", **lake)
        assert ended.code == 3 and "Traceback" not in ended.output, ended.output
        assert f"silver user_purchases {day}: {rejected} rows rejected: a broken source" in ended.last_line
        assert f"{{'amount:negative': {rejected.split()[0]}}}" in ended.last_line
    ended = driver.run("silver", "--from", str(nine), "--to", str(half), "--table", "user_purchases", **lake)
    assert ended.code == 0, ended.output
    ledgers = {
        day: tuple(live.manifest.tables["user_purchases"].ledger[count] for count in ("silver", "rejected"))
        for day in (nine, few, half, most, all_ten)
        if (live := published(daybook, lake, "silver", "user_purchases", day))
    }
    assert ledgers == {nine: (0, 9), few: (1, 100), half: (101, 101)}
    stored = daybook.stored(lake["DAYBOOK_SILVER"])
    assert not [name for name in stored if str(most) in name or str(all_ten) in name]
    assert not daybook.unnamed(lake["DAYBOOK_SILVER"])


def test_most_rows_without_a_rate_are_the_rates_files_affair_and_with_the_rates_added_they_are_read(
    daybook: Daybook, driver: Driver, sources: Sources, tmp_path: Path
) -> None:
    day, rates = date(2025, 1, 23), tmp_path / "rates.csv"
    rates.write_text("currency,base,valid_from,rate\nUSD,EUR,2024-12-08,0.95\n")
    dollars = [{**row, "currency": "USD"} for row in purchases(day, negative=0, good=101)]
    sources.insert(USER_PURCHASES, dollars)
    lake, table = daybook.own_lake("stale_rates"), ("--ds", str(day), "--table", "user_purchases")
    stale = {**lake, "DAYBOOK_EXCHANGE_RATES": str(rates)}
    assert driver.run("extract_cassandra", *table, **lake, **sources.settings).code == 0
    ended = driver.run("silver", *table, **stale)
    assert (ended.code, ended.last_line.partition("(exit 3): ")[2]) == (3, (
        "silver user_purchases 2025-01-23: 101 of 101 rows rejected for want of a rate: not a broken source, but "
        f"exchange rates {rates} ({{'currency:rate_too_old': 101}}) -- next: add the missing rates (make rates "
        "FILE=eurofxref-hist.csv), then run the same command again"
    ))  # fmt: skip
    assert not daybook.stored(lake["DAYBOOK_SILVER"])

    def made(**changes: str) -> None:
        again = driver.run("silver", *table, **stale, **changes)
        assert again.code == 0, again.output
        live = published(daybook, lake, "silver", "user_purchases", day)
        assert live and live.manifest.tables["user_purchases"].rows == 101

    listed = rates.read_text()
    rates.write_text(f"{listed}USD,EUR,2025-01-22,0.96\n")
    made()
    rates.write_text(listed)  # let be one day older, that rate is used, too
    made(DAYBOOK_RATE_MAX_AGE_DAYS="46")


def test_an_empty_day_between_others_is_published_as_empty_by_all_five_jobs(
    daybook: Daybook, driver: Driver, sources: Sources
) -> None:
    day = date(2024, 12, 1)
    for table in BY_DAY:
        assert table.window
        first = start_of(day - table.window.days_back * A_DAY)
        sources.insert(table, [good_row(table, 1, first - JUST_BEFORE), good_row(table, 2, start_of(day + A_DAY))])
    lake = daybook.own_lake("empty_day")
    for job in SPARK_JOBS:
        ended = driver.run(job, "--ds", str(day), **lake, **sources.settings)
        assert ended.code == 0, ended.output
    ended = daybook.load("--ds", str(day), **lake)
    assert ended.code == 0, ended.output
    found = manifests(daybook, lake, day)
    empty = {layer: dict.fromkeys((t.name for t in tables), 0) for layer, tables in
             (("bronze", SOURCE_TABLES), ("silver", SOURCE_TABLES), ("gold", GOLD_TABLES))}  # fmt: skip
    empty["gold"][SOURCE_LEDGER_PER_DAY.name] = len(SOURCE_TABLES)
    assert {layer: rows(of_layer) for layer, of_layer in found.items()} == empty
    assert all(one.complete for of_layer in found.values() for one in of_layer)
    files = {name: entry.files for one in found["bronze"] for name, entry in one.tables.items()}
    for table in SOURCE_TABLES:
        bodies = [stored.body.decode() for file in files[table.name] if (stored := daybook.store.get(file.name))]
        assert set(bodies) == {",".join(table.column_names) + "\n"}
    history = query(lake, "SELECT table_name, ds, rows FROM load_history WHERE is_current ORDER BY ALL")
    assert history == sorted((name, day, count) for name, count in empty["gold"].items())


def test_an_incomplete_day_is_marked_and_read_again_with_what_arrived_meanwhile(
    daybook: Daybook, driver: Driver, sources: Sources, today: date
) -> None:
    lake = daybook.own_lake("incomplete_day")

    def run(job: str, *tables: SourceTable) -> Ended:
        chosen = [argument for table in tables for argument in ("--table", table.name)]
        ended = driver.run(job, "--ds", str(today), "--allow-incomplete", *chosen, **lake, **sources.settings)
        assert ended.code == 0, ended.output
        return ended

    def arrive(number: int) -> None:
        for table in BY_DAY:
            sources.insert(table, [good_row(table, number, start_of(today))])

    arrive(1)
    assert run("extract_postgres").output.count("(incomplete day)") == len(POSTGRES_TABLES)
    assert run("extract_cassandra").output.count("(incomplete day)") == len(CASSANDRA_TABLES)
    arrive(2)
    for ended in (run("extract_postgres"), run("extract_cassandra", USER_PURCHASES)):
        assert ended.output.count("read again: 1 rows before, 2 now") == 1, ended.output
    assert run("silver").output.count("(incomplete day)") == len(SOURCE_TABLES)
    assert run("gold").output.count("(incomplete day)") == len(GOLD_TABLES)
    found = manifests(daybook, lake, today)
    assert not any(one.complete for of_layer in found.values() for one in of_layer)
    read_again = (NOTIFICATION_STATES, USER_PURCHASES)
    assert {name: count for name, count in rows(found["silver"]).items() if count} == {
        table.name: 2 if table in read_again else 1 for table in BY_DAY
    }
    assert rows(found["gold"]).items() >= {
        (GLOBAL_USER_ACTIVITY_PER_DAY.name, 2),
        (GLOBAL_NOTIF_IMPACT_PER_DAY.name, 1),
        (SOURCE_LEDGER_PER_DAY.name, len(SOURCE_TABLES)),
        (REJECTED_ROWS_PER_DAY.name, 0),
    }
    assert daybook.load("--ds", str(today), "--allow-incomplete", **lake).code == 0
    sums = "count(*), sum(total_message_send_this_day), sum(total_money_spend)"
    assert query(lake, f"SELECT {sums} FROM user_activity_per_day") == [(2, 1, 2.0)]
    assert query(lake, "SELECT count(*) FROM notif_impact_per_day") == [(1,)]


def test_a_day_that_only_reads_one_that_had_not_ended_is_provisional_and_the_other_is_not_to_be_used(
    daybook: Daybook, driver: Driver, sources: Sources, today: date
) -> None:
    lake = daybook.own_lake("beside_today")
    yesterday, tomorrow = today - A_DAY, today + A_DAY

    def run(day: date, *more: str) -> None:
        arguments = ("--ds", str(day), *more)
        at_once = sources.settings | {"DAYBOOK_SETTLE_MINUTES": "0"}
        for ended in (driver.run("day", *arguments, **lake, **at_once), daybook.load(*arguments, **lake)):
            assert ended.code == 0, ended.output

    run(yesterday)
    run(today, "--allow-incomplete")
    ended = daybook.verify("--ds", str(yesterday), **lake)
    assert ended.code == 0, ended.output
    assert f"{yesterday} is provisional: it reads {today}, read before the day had ended" in ended.output
    assert daybook.page(str(yesterday), **lake).code == 0
    page = Path(lake["DUCKDB_PATH"]).parent / "daybook" / "days" / f"{yesterday}.json"
    verdict = json.loads(page.read_text())["verdict"]
    wait = f"Final after the runs for {long_day(today)} and {long_day(tomorrow)}"
    assert (verdict["state"], verdict["next"]) == ("provisional", wait)
    status = f"SELECT is_complete, is_final, waiting_for FROM day_status WHERE date = '{yesterday}'"
    activity = f"{status} AND table_name = '{GLOBAL_USER_ACTIVITY_PER_DAY.name}'"
    assert query(lake, activity) == [(False, False, [yesterday - 2 * A_DAY, yesterday - A_DAY, today])]

    ended = daybook.verify("--ds", str(today), "--allow-incomplete", **lake)
    again = f"spark-submit jobs/day.py --ds {today} && python jobs/load_duckdb.py --ds {today}"
    line = f"silver notification_states {today}: read before the day had ended -- next: when the day has ended: {again}"
    assert (ended.code, ended.last_line) == (1, f"failed (exit 1): {line}")


def test_a_day_read_before_its_end_is_completed_by_the_first_run_after_it(
    daybook: Daybook, driver: Driver, sources: Sources
) -> None:
    day, lake = date(2025, 1, 25), daybook.own_lake("completed_day")

    def extract() -> Ended:
        ended = driver.run(
            "extract_cassandra", "--ds", str(day), "--table", "user_purchases", **lake, **sources.settings
        )
        assert ended.code == 0, ended.output
        return ended

    def live() -> Live:
        found = published(daybook, lake, "bronze", "user_purchases", day)
        assert found
        return found

    extract()
    early = live()
    place = daybook.batch("bronze", "user_purchases", day, **lake).manifest
    daybook.store.put_if_unchanged(
        place, replace(early.manifest, complete=False).to_json(lake["DAYBOOK_BRONZE"]), early.etag
    )
    sources.insert(USER_PURCHASES, purchases(day, negative=0, good=1))
    assert "read again: 0 rows before, 1 now" in extract().output
    assert (live().manifest.version, live().manifest.complete) == (2, True)
    assert "already published: 1 rows" in extract().output
