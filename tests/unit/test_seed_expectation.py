"""The expected ledger: every kind of dirt occurs, its reasons are the contracts', and the counts add up."""

from collections import Counter
from datetime import date
from functools import cache
from typing import Any

import pytest

from daybook.contracts import SOURCE_TABLES
from local.seed.cases import CASES, Case
from local.seed.expectation import Tally, counted, expectation
from local.seed.plan import DAY, Plan
from local.seed.rows import Notification
from local.seed.tables import TABLES, rows_of, tasks

SMALL = Plan(users=50, days=2, seed=7, start=date(2025, 3, 1))
CONTRACTS = {contract.name: contract for contract in SOURCE_TABLES}
EACH_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}-{case.name}")


@cache
def tallied() -> Tally:
    tally: Tally = Counter()
    for table in TABLES:
        for task in tasks(SMALL, table):
            assert all(counted(SMALL, table.name, rows_of(SMALL, task), tally))
    return tally


def expected(tally: Tally) -> Any:
    return expectation(SMALL, tally)


def test_every_source_table_is_seeded_with_its_columns_day_by_day_if_it_has_a_window() -> None:
    assert {table.name for table in TABLES} == set(CONTRACTS)
    for table in TABLES:
        contract = CONTRACTS[table.name]
        assert tuple(name for name in table.columns if name != "password") == contract.column_names
        assert (table.plant is None) == (contract.window is None)


@EACH_CASE
def test_every_case_occurs_every_day(case: Case) -> None:
    tally = tallied()
    daily = [tally[case.table, day, case.name] for day in range(SMALL.days)]
    assert tally[case.table, None, case.name] or all(daily)


@EACH_CASE
def test_the_reasons_are_those_of_the_contract(case: Case) -> None:
    assert set(case.reasons) <= set(CONTRACTS[case.table].reasons)
    assert not (case.reasons and case.duplicate)


@pytest.mark.parametrize("table", CONTRACTS)
@pytest.mark.parametrize("day", ["2025-03-01", "2025-03-02"])
def test_each_ledger_balances(day: str, table: str) -> None:
    ledger = expected(tallied())["days"][day][table]
    assert ledger["bronze"] == ledger["silver"] + ledger["rejected"] + ledger["duplicates"]
    assert ledger["rejected"] + ledger["duplicates"] < ledger["silver"]
    assert sum(ledger["rejected_by_reason"].values()) >= ledger["rejected"]


def test_two_reasons_are_one_rejected_row() -> None:
    days = expected(Counter({("user_purchases", 0, "currency_euro"): 3}))["days"]
    assert days["2025-03-01"]["user_purchases"] == {
        "bronze": 3,
        "silver": 0,
        "rejected": 3,
        "duplicates": 0,
        "rejected_by_reason": {"currency:malformed": 3, "currency:no_rate": 3},
    }


def test_notifications_count_on_their_day_and_on_the_next() -> None:
    tally: Tally = Counter({("user_notifications", 0, ""): 5, ("user_notifications", 1, ""): 7})
    days = expected(tally)["days"].values()
    assert [day["user_notifications"]["bronze"] for day in days] == [5, 12]


def test_whole_tables_count_the_same_every_day() -> None:
    days = expected(tallied())["days"]
    for table in ("users", "groups", "groups_users_user", "activities"):
        assert days["2025-03-01"][table] == days["2025-03-02"][table]


def test_late_clicks_are_exactly_the_successes_of_the_next_day() -> None:
    table = next(table for table in TABLES if table.name == "user_notifications")
    late: Counter[str] = Counter()
    for row in (row for task in tasks(SMALL, table) for row in rows_of(SMALL, task)):
        sent = row.values
        assert isinstance(sent, Notification)
        if sent.state in ("CLICKED", "READ", "OPENED") and sent.modified_at:
            day = sent.notification_time // DAY
            assert sent.modified_at // DAY - day in (0, 1)
            late[SMALL.dates[day - SMALL.midnight(0) // DAY].isoformat()] += sent.modified_at // DAY - day
    assert late == expected(tallied())["late_clicks"]
