"""Gold follows its inputs: what changed is made again, and nothing else."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from daybook.lake import live_files, manifest
from daybook.lake.paths import Layer
from local.accounts.cassandra import connect
from local.demo.proof import Proof
from tests.kit.harness import FIRST, JOBS, LAST, RANGE, Daybook, Driver
from toolchain import places

ACTIVITY, IMPACT = "global_user_activity_per_day", "global_notif_impact_per_day"
TABLES_OF_ACTIVITY = (
    *("--table", "user_session_events"), *("--table", "group_messages"), *("--table", "user_purchases"),
)  # fmt: skip
RATES = places.ROOT / "conf" / "exchange_rates.csv"


@pytest.fixture
def own_gold(daybook: Daybook, proof: Proof, request: pytest.FixtureRequest) -> dict[str, str]:
    """A gold layer of this test's own, over the silver that is there."""
    return {"DAYBOOK_GOLD": f"{daybook.lake.gold}/{request.node.name}"}


def versions(daybook: Daybook, own: dict[str, str], layer: Layer, table: str, days: list[date]) -> dict[int, int]:
    """Day of the month → manifest version."""
    batches = (daybook.batch(layer, table, day, **own) for day in days)
    return {b.day.day: live.manifest.version for b in batches if (live := manifest.read(daybook.store, b))}


def test_a_run_writes_the_days_that_read_it_and_leaves_the_others_alone(
    daybook: Daybook, proof: Proof, driver: Driver, own_gold: dict[str, str]
) -> None:
    assert driver.run("gold", "--ds", LAST, **own_gold).code == 0
    assert versions(daybook, own_gold, "gold", ACTIVITY, proof.days) == {2: 1, 3: 1}
    assert versions(daybook, own_gold, "gold", IMPACT, proof.days) == {1: 1, 2: 1, 3: 1}
    assert driver.run("gold", "--ds", FIRST, **own_gold).code == 0
    assert versions(daybook, own_gold, "gold", ACTIVITY, proof.days) == {1: 1, 2: 1, 3: 1}
    assert versions(daybook, own_gold, "gold", IMPACT, proof.days) == {1: 1, 2: 1, 3: 1}


def test_a_changed_rate_makes_silver_stale_which_gold_never_reads_and_silver_restates_around_its_day(
    daybook: Daybook, proof: Proof, driver: Driver, tmp_path: Path
) -> None:
    rates, own = tmp_path / "rates.csv", daybook.own_lake("changed_rate")
    own |= {"DAYBOOK_BRONZE": daybook.lake.bronze, "DAYBOOK_EXCHANGE_RATES": str(rates)}
    rates.write_text(RATES.read_text())
    assert driver.run("silver", *RANGE, *TABLES_OF_ACTIVITY, **own).code == 0
    assert driver.run("gold", "--ds", FIRST, "--table", ACTIVITY, **own).code == 0
    rates.write_text(RATES.read_text() + f"USD,EUR,{LAST},0.50\n")
    stale = f"silver user_purchases {LAST} was made under another meaning, setting or rate"
    then = f"next: spark-submit jobs/silver.py --ds {LAST}"
    beside = driver.run("gold", "--ds", "2025-03-02", "--table", ACTIVITY, **own)
    assert beside.code == 0, beside.output
    assert f"skipped gold {ACTIVITY} {LAST}: {stale} -- {then}" in beside.output
    asked = driver.run("gold", "--ds", LAST, "--table", ACTIVITY, **own)
    assert (asked.code, asked.last_line) == (1, f"failed (exit 1): gold {ACTIVITY} {LAST}: {stale} -- {then}")
    assert versions(daybook, own, "gold", ACTIVITY, proof.days) == {1: 1, 2: 1, 3: 1}

    assert driver.run("silver", "--ds", FIRST, *TABLES_OF_ACTIVITY, **own).code == 0
    assert driver.run("gold", *RANGE, "--table", ACTIVITY, **own).code == 0
    assert versions(daybook, own, "silver", "user_purchases", proof.days) == {1: 1, 2: 1, 3: 2}
    assert versions(daybook, own, "silver", "group_messages", proof.days) == {1: 1, 2: 1, 3: 1}
    assert versions(daybook, own, "gold", ACTIVITY, proof.days) == {1: 1, 2: 1, 3: 2}
    assert money(daybook, **own) == spent(daybook, {"USD": Decimal("0.50")}, tmp_path)
    assert money(daybook) == spent(daybook, {}, tmp_path)


def test_a_changed_limit_or_greatest_age_of_a_rate_restates_and_gold_follows(
    daybook: Daybook, proof: Proof, driver: Driver
) -> None:
    own = daybook.own_lake("changed_limit") | {"DAYBOOK_BRONZE": daybook.lake.bronze}
    for number, (name, value, reason, days) in enumerate(
        # no line of the rates file begins on the first day or the last
        [("", "", "", {}), ("DAYBOOK_AMOUNT_LIMIT", "10", "amount:implausible", {1, 2, 3}),
         ("DAYBOOK_RATE_MAX_AGE_DAYS", "0", "currency:rate_too_old", {1, 3})]
    ):  # fmt: skip
        changes = own | ({name: value} if name else {})
        assert driver.run("silver", *RANGE, *TABLES_OF_ACTIVITY, **changes).code == 0
        assert versions(daybook, own, "silver", "user_purchases", proof.days) == dict.fromkeys((1, 2, 3), number + 1)
        assert versions(daybook, own, "silver", "group_messages", proof.days) == dict.fromkeys((1, 2, 3), 1)
        more = {day.day for day in proof.days if rejected(daybook, day, reason, **own) > rejected(daybook, day, reason)}
        assert more == set(days)
        assert driver.run("gold", *RANGE, "--table", ACTIVITY, **changes).code == 0
        gold = versions(daybook, own, "gold", ACTIVITY, proof.days)
        assert gold == dict.fromkeys((1, 2, 3), number + 1)


def rejected(daybook: Daybook, day: date, reason: str, **own: str) -> int:
    """Purchases of the day that were rejected for the reason."""
    live = manifest.read(daybook.store, daybook.batch("silver", "user_purchases", day, **own))
    assert live
    return int(live.manifest.tables["user_purchases"].ledger["rejected_by_reason"].get(reason, 0))


def money(daybook: Daybook, **own: str) -> Decimal:
    """Money of the last day, as gold's ledger has it."""
    live = manifest.read(daybook.store, daybook.batch("gold", ACTIVITY, date.fromisoformat(LAST), **own))
    assert live
    return Decimal(live.manifest.tables[ACTIVITY].ledger["money"])


def spent(daybook: Daybook, changed: dict[str, Decimal], folder: Path) -> Decimal:
    """Money of the last day, by SQL from silver and the rates: rounded per user, half up."""
    batch = daybook.batch("silver", "user_purchases", date.fromisoformat(LAST))
    live = manifest.read(daybook.store, batch)
    assert live
    for number, name in enumerate(live_files.files_of(daybook.store, batch, live, "user_purchases")):
        daybook.store.download(name, str(folder / f"{number}.parquet"))
    rates = live.manifest.inputs["rates"]
    listed = {currency: rate for currency, rate in rates.items() if rate != "too old"} | {
        currency: str(rate) for currency, rate in changed.items()
    }
    with duckdb.connect() as db:
        db.execute("CREATE TABLE rates (currency VARCHAR, rate DECIMAL(19, 12))")
        db.executemany("INSERT INTO rates VALUES (?, ?)", list(listed.items()))
        row = db.execute(
            "SELECT sum(spent) FROM (SELECT round(sum(amount * rate), 2) AS spent"
            f" FROM '{folder}/*.parquet' JOIN rates USING (currency) GROUP BY user_id)"
        ).fetchone()
    assert row
    return Decimal(row[0])


def test_a_raised_meaning_version_restates_its_table_and_no_other(
    daybook: Daybook, proof: Proof, driver: Driver, own_gold: dict[str, str], tmp_path: Path
) -> None:
    next_release = tmp_path / "jobs"
    shutil.copytree(JOBS, next_release, ignore=shutil.ignore_patterns("__pycache__"))
    contract = next_release / "daybook" / "contracts" / f"{IMPACT}.py"
    contract.write_text(re.sub(r"meaning_version=\d+", "meaning_version=99", contract.read_text()))
    assert driver.run("gold", "--ds", LAST, **own_gold).code == 0
    ended = replace(daybook, jobs=next_release).submit(
        "gold", "--ds", LAST, **own_gold, DAYBOOK_EXCHANGE_RATES=str(RATES)
    )
    assert ended.code == 0 and "3 tables published" in ended.last_line, ended.output
    assert versions(daybook, own_gold, "gold", IMPACT, proof.days) == {1: 2, 2: 2, 3: 2}
    assert versions(daybook, own_gold, "gold", ACTIVITY, proof.days) == {2: 1, 3: 1}


def test_force_makes_a_day_again_with_the_same_content(
    daybook: Daybook, proof: Proof, driver: Driver, own_gold: dict[str, str]
) -> None:
    for force, number in ((), 1), ((), 1), (("--force",), 2):
        assert driver.run("gold", "--ds", LAST, "--table", ACTIVITY, *force, **own_gold).code == 0
        assert versions(daybook, own_gold, "gold", ACTIVITY, proof.days) == {2: number, 3: number}
    for day in proof.days[-2:]:
        again, first = (daybook.contents(daybook.batch("gold", ACTIVITY, day, **own)) for own in (own_gold, {}))
        assert again == first


SENT, NEXT = date(2025, 4, 10), date(2025, 4, 11)
USER = "0f8fad5b-d9cb-469f-a165-70867728950e"
FIRST_ID, SECOND_ID = "11111111-d9cb-469f-a165-70867728950e", "22222222-d9cb-469f-a165-70867728950e"


@pytest.fixture
def notifications(daybook: Daybook) -> Iterator[str]:
    """A notification sent on a day on which nothing else happened; yields the start of further INSERTs."""
    with connect(daybook.stack.settings("admin")) as server:
        table = f"{daybook.stack.settings('admin')['CASSANDRA_KEYSPACE']}.user_notifications"
        insert = (
            f"INSERT INTO {table} (user_id, notification_time, notification_id, content, state, modified_at) VALUES"
        )
        server.execute(f"{insert} ({USER}, '{SENT} 23:00:00Z', {FIRST_ID}, 'Hello', 'SENT', NULL)")
        yield insert
        server.execute(f"DELETE FROM {table} WHERE user_id = {USER}")


def read(driver: Driver, day: date, own: dict[str, str], *refresh: str) -> str:
    """Run a day's notifications through all jobs; returns what the extraction of Cassandra said."""
    extracted = driver.run("extract_cassandra", "--ds", str(day), *refresh, **own)
    silver = [
        word
        for table in ("user_notifications", "notification_states", "user_session_events")
        for word in ("--table", table)
    ]
    rest = [
        driver.run("extract_postgres", "--ds", str(day), **own),
        driver.run("silver", "--ds", str(day), *silver, **own),
        driver.run("gold", "--ds", str(day), "--table", IMPACT, **own),
    ]
    assert [ended.code for ended in (extracted, *rest)] == [0] * 4, rest
    return extracted.output


def successes(daybook: Daybook, own: dict[str, str]) -> tuple[int, int, int]:
    """Version, notifications and successes of the day of sending."""
    live = manifest.read(daybook.store, daybook.batch("gold", IMPACT, SENT, **own))
    assert live
    ledger = live.manifest.tables[IMPACT].ledger
    return live.manifest.version, ledger["gold"], ledger["successes"]


def test_a_late_click_restates_the_day_of_the_sending(daybook: Daybook, driver: Driver, notifications: str) -> None:
    own = daybook.own_lake("late_click")
    read(driver, SENT, own)
    assert successes(daybook, own) == (1, 1, 0)
    with connect(daybook.stack.settings("admin")) as server:
        clicked = f"({USER}, '{SENT} 23:00:00Z', {FIRST_ID}, 'Hello', 'CLICKED', '{NEXT} 09:00:00Z')"
        server.execute(f"{notifications} {clicked}")
    read(driver, NEXT, own)
    assert successes(daybook, own) == (2, 1, 1)


def test_a_published_day_is_history_until_refresh_which_warns(
    daybook: Daybook, driver: Driver, notifications: str
) -> None:
    own = daybook.own_lake("refreshed")
    read(driver, SENT, own)
    with connect(daybook.stack.settings("admin")) as server:
        server.execute(f"{notifications} ({USER}, '{SENT} 22:00:00Z', {SECOND_ID}, 'Again', 'SENT', NULL)")
    assert re.search(r"user_notifications +2025-04-10  already published: 1 rows", read(driver, SENT, own))
    assert successes(daybook, own) == (1, 1, 0)
    warning = "bronze user_notifications 2025-04-10 read again: 1 rows before, 2 now"
    assert warning in read(driver, SENT, own, "--refresh")
    assert successes(daybook, own) == (2, 2, 0)
