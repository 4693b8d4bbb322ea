"""What a source tells again under the same id: after midnight it counts once, and a state takes no other away."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb
import pytest

from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.notification_states import NOTIFICATION_STATES
from daybook.contracts.user_notifications import USER_NOTIFICATIONS
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.lake import manifest
from daybook.lake.manifest import TableEntry
from daybook.lake.paths import Layer
from tests.kit.harness import RANGE, Daybook, Driver, Ended
from tests.kit.own_sources import good_row, own_sources
from tests.kit.sources import succeeds

DAYS = [date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)]
USER = UUID(int=1)
ACTIVITY = "global_user_activity_per_day"


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 3, day, hour, tzinfo=UTC)


def purchase(number: int, day: int, amount: str) -> dict[str, Any]:
    row = good_row(USER_PURCHASES, number, at(day, 10))
    return row | {"user_id": USER, "amount": Decimal(amount), "product_type": "book"}


# Seven purchases and as many messages come again on both days after 1 March, a purchase for another amount.
PURCHASES = [
    *(purchase(n, 1, "10.00") for n in range(1, 8)),
    *(purchase(n, 2, "10.00" if n > 1 else "99.00") for n in range(1, 8)),
    *(purchase(n, 3, "10.00") for n in range(1, 8)),
    purchase(8, 2, "3.00"),
]
MESSAGES = [
    good_row(GROUP_MESSAGES, n, at(day, 10)) | {"group_id": UUID(int=1), "user_id": USER}
    for day in (1, 2, 3)
    for n in range(1, 8)
]
SENDING = good_row(USER_NOTIFICATIONS, 5, at(1, 10)) | {"state": "SENT", "modified_at": None}
STATES = [
    good_row(NOTIFICATION_STATES, 5, at(1, hour)) | {"status": status}
    for hour, status in ((11, "CLICKED"), (12, "DISMISSED"), (12, "DISMISSED"))
]


@pytest.fixture(scope="module")
def told_again(daybook: Daybook, driver: Driver) -> Iterator[tuple[dict[str, str], Ended]]:
    """Three days of such sources, and what the load said of them."""
    own = daybook.own_lake("told_again")
    with own_sources(daybook, "told_again") as sources:
        for table, rows in ((USER_PURCHASES, PURCHASES), (GROUP_MESSAGES, MESSAGES), (USER_NOTIFICATIONS, [SENDING]),
                            (NOTIFICATION_STATES, STATES)):  # fmt: skip
            sources.insert(table, rows)
        succeeds(driver.run("day", *RANGE, **own, **sources.settings))
    yield own, daybook.load(*RANGE, **own)


def entry(daybook: Daybook, own: dict[str, str], layer: Layer, table: str, day: date) -> TableEntry:
    live = manifest.read(daybook.store, daybook.batch(layer, table, day, **own))
    assert live
    return live.manifest.tables[table]


def ask(own: dict[str, str], query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def test_what_is_delivered_again_after_midnight_counts_once_on_the_first_day(
    told_again: tuple[dict[str, str], Ended],
) -> None:
    own, load = told_again
    assert load.code == 0, load.output
    found = ask(own, f"SELECT date, total_message_send_this_day, total_money_spend FROM {ACTIVITY} ORDER BY date")
    assert found == [(DAYS[0], 7, 70.0), (DAYS[1], 0, 3.0)]


def test_the_ledger_proves_gold_and_what_is_repeated_against_silver(
    daybook: Daybook, told_again: tuple[dict[str, str], Ended]
) -> None:
    own, _ = told_again
    counts = ("messages", "repeated_messages", "purchases", "repeated_purchases")
    for day, expected in zip(DAYS, [(7, 0, 7, 0, "70.00"), (0, 7, 1, 7, "3.00"), (0, 7, 0, 7, "0.00")], strict=True):
        ledger = entry(daybook, own, "gold", ACTIVITY, day).ledger
        assert tuple(ledger[line] for line in (*counts, "money")) == expected
        assert [ledger[f"silver_{line}"] for line in (*counts, "money")] == list(expected)
        for kind, table in (("messages", "group_messages"), ("purchases", "user_purchases")):
            assert ledger[kind] + ledger[f"repeated_{kind}"] == entry(daybook, own, "silver", table, day).rows


def test_the_load_tells_days_of_which_much_is_repeated(told_again: tuple[dict[str, str], Ended]) -> None:
    own, load = told_again
    told = [f"2025-03-0{day}  {table}: 7 rows have keys of the day before and are not counted again"
            for day in (2, 3) for table in ("group_messages", "user_purchases")]  # fmt: skip
    assert [line for line in told if line in load.output] == told
    found = ask(own, "SELECT date, source_table, value FROM day_warnings WHERE limit_name = 'repeated' ORDER BY ALL")
    assert found == [(day, table, 7) for day in DAYS[1:] for table in ("group_messages", "user_purchases")]


def test_each_day_alone_is_as_all_together(
    daybook: Daybook, driver: Driver, told_again: tuple[dict[str, str], Ended]
) -> None:
    own, _ = told_again
    alone = own | {"DAYBOOK_GOLD": daybook.own_lake("told_again_alone")["DAYBOOK_GOLD"]}
    succeeds(driver.run("gold", *RANGE, **alone, DAYBOOK_PASS_DAYS="1"))
    assert [daybook.gold(day, **alone) for day in DAYS] == [daybook.gold(day, **own) for day in DAYS]


def test_a_click_stays_though_another_status_of_the_same_id_follows_on_the_day(
    daybook: Daybook, told_again: tuple[dict[str, str], Ended]
) -> None:
    own, _ = told_again
    ledger = entry(daybook, own, "silver", "notification_states", DAYS[0]).ledger
    assert (ledger["bronze"], ledger["silver"], ledger["duplicates"]) == (3, 2, 1)
    assert ask(own, "SELECT notif_date, is_success FROM global_notif_impact_per_day") == [(DAYS[0], True)]
