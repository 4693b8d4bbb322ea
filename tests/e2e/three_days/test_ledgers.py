"""The ledgers are figures, too: what became of every row can be asked in SQL, and is proven by what is stored."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from daybook.contracts import SOURCE_TABLES
from daybook.lake import manifest
from local.demo.proof import Proof
from tests.kit.harness import Daybook, Driver
from tests.kit.published import changed

DAY = date(2025, 3, 2)
SOURCE_LEDGER, REJECTED_ROWS = "source_ledger_per_day", "rejected_rows_per_day"


def ask(daybook: Daybook, query: str) -> list[Any]:
    with duckdb.connect(str(daybook.warehouse), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def test_the_warehouse_tells_what_became_of_every_row_that_was_read(daybook: Daybook, proof: Proof) -> None:
    expected = []
    for day in proof.days:
        for table in SOURCE_TABLES:
            source, kept = proof.bronze(table, day).ledger["source"], proof.silver(table, day).ledger
            counts = (kept["bronze"], kept["silver"], kept["rejected"], kept["duplicates"])
            expected.append((day, table.name, source, *counts, True))
    found = ask(daybook, f"SELECT * EXCLUDE (read_at) FROM {SOURCE_LEDGER} ORDER BY rowid")
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert ask(daybook, f"SELECT count(read_at), min(read_at) > max(date) FROM {SOURCE_LEDGER}") == [(27, True)]


def test_and_for_which_reason_rows_were_rejected(daybook: Daybook, proof: Proof) -> None:
    expected = {
        (day, table.name, reason, count)
        for day in proof.days
        for table in SOURCE_TABLES
        for reason, count in proof.silver(table, day).ledger["rejected_by_reason"].items()
    }
    assert len(expected) > 30
    assert set(ask(daybook, f"FROM {REJECTED_ROWS}")) == expected
    share = "SELECT rejected_share FROM day_status WHERE table_name = 'global_user_activity_per_day' AND date = ?"
    counted = (
        f"SELECT sum(rejected_rows) / sum(bronze_rows) FROM {SOURCE_LEDGER} WHERE date = '{DAY}'"
        " AND source_table IN ('user_session_events', 'group_messages', 'user_purchases')"
    )
    assert ask(daybook, share.replace("?", f"'{DAY}'")) == ask(daybook, counted)


def test_the_last_days_wait_for_those_after_them_and_the_first_for_those_that_never_were(
    daybook: Daybook, proof: Proof
) -> None:
    first, second, third = proof.days
    earlier, before, after, later = (first - timedelta(days=n) for n in (2, 1, -3, -4))
    found = ask(daybook, "SELECT table_name, date, is_final, final_after, waiting_for FROM day_status ORDER BY ALL")
    figures, ledgers = {"global_notif_impact_per_day", "global_user_activity_per_day"}, {SOURCE_LEDGER, REJECTED_ROWS}
    assert [row for row in found if row[0] in figures] == [
        ("global_notif_impact_per_day", first, None, third, [earlier, before]),
        ("global_notif_impact_per_day", second, False, after, [before, after]),
        ("global_notif_impact_per_day", third, False, later, [after, later]),
        ("global_user_activity_per_day", first, None, second, [earlier, before]),
        ("global_user_activity_per_day", second, None, third, [before]),
        ("global_user_activity_per_day", third, False, after, [after]),
    ]
    of_ledgers = [row for row in found if row[0] in ledgers]
    assert len(of_ledgers) == len(ledgers) * len(proof.days)
    assert all(row[2:] == (True, row[1], []) for row in of_ledgers)


def one_reason_more(ledger: dict[str, Any]) -> None:
    ledger["rejected_by_reason"]["email:missing"] += 1


def one_clean_row_more(ledger: dict[str, Any]) -> None:
    ledger |= {"silver": ledger["silver"] + 1, "duplicates": ledger["duplicates"] - 1}


def one_row_read_more(ledger: dict[str, Any]) -> None:
    ledger |= {"bronze": ledger["bronze"] + 1, "duplicates": ledger["duplicates"] + 1}


def one_row_lost(ledger: dict[str, Any]) -> None:
    ledger["duplicates"] += 1


@pytest.mark.parametrize(
    ("table", "falsify", "told"),
    [
        (REJECTED_ROWS, one_reason_more, "does not add up with silver: given"),
        (SOURCE_LEDGER, one_clean_row_more, "does not add up with silver: clean"),
        (SOURCE_LEDGER, one_row_read_more, "does not add up with silver: read"),
        (SOURCE_LEDGER, one_row_lost, "a figure is impossible: unaccounted"),
    ],
)
def test_a_ledger_that_says_other_than_what_is_stored_is_not_published_and_its_neighbours_are(
    daybook: Daybook,
    proof: Proof,
    driver: Driver,
    table: str,
    falsify: Callable[[dict[str, Any]], None],
    told: str,
) -> None:
    def change(body: bytes) -> bytes:
        written = json.loads(body)
        falsify(written["tables"]["users"]["ledger"])
        return json.dumps(written).encode()

    own = {"DAYBOOK_GOLD": daybook.own_lake(f"ledgers_{falsify.__name__}")["DAYBOOK_GOLD"]}
    first, _, last = proof.days
    with changed(daybook, daybook.batch("silver", "users", DAY).manifest, change):
        ended = driver.run("gold", "--from", str(first), "--to", str(last), "--table", table, **own)
    assert ended.code == 3, ended.output
    assert f"gold {table} {DAY}: {told}" in ended.last_line
    made = [manifest.read(daybook.store, daybook.batch("gold", table, day, **own)) for day in (first, DAY, last)]
    assert [live is not None for live in made] == [True, False, True]
    assert daybook.unnamed(own["DAYBOOK_GOLD"]) == set()


def test_a_ledger_is_not_made_of_silver_whose_bronze_has_changed_since(
    daybook: Daybook, proof: Proof, driver: Driver
) -> None:
    own = {"DAYBOOK_GOLD": daybook.own_lake("ledgers")["DAYBOOK_GOLD"]}
    with changed(daybook, daybook.batch("bronze", "user_purchases", DAY).manifest, lambda body: body + b"\n"):
        ended = driver.run("gold", "--ds", str(DAY), **own)
    assert ended.code == 1
    assert ended.last_line.endswith(
        f"gold {SOURCE_LEDGER} {DAY}: bronze user_purchases {DAY} has changed since silver was made; 1 more failed"
        f" -- next: spark-submit jobs/silver.py --ds {DAY}"
    )


def test_where_bronze_is_gone_its_own_word_is_null(daybook: Daybook, proof: Proof, driver: Driver) -> None:
    own = daybook.own_lake("ledgers_without_bronze")
    with changed(daybook, daybook.batch("bronze", "users", DAY).manifest, None):
        ended = driver.run("gold", "--ds", str(DAY), **{"DAYBOOK_GOLD": own["DAYBOOK_GOLD"]})
    assert ended.code == 0, ended.output
    assert daybook.load("--ds", str(DAY), **own).code == 0
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as warehouse:
        query = f"SELECT count(*), count(source_rows), count(read_at), sum(bronze_rows) > 0 FROM {SOURCE_LEDGER}"
        assert warehouse.execute(query).fetchall() == [(9, 0, 4, True)]
