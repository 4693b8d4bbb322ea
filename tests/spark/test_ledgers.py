"""A ledger that does not add up stops the publication, and says which numbers differ."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.users import USERS
from daybook.errors import DataError
from daybook.lake.paths import Batch
from daybook.proof import gold_ledger, silver_ledger

DAY = date(2025, 3, 1)
BATCH = Batch("silver", "s3a://silver", "users", DAY)
SILVER: dict[str, Any] = {
    "bronze": 1000,
    "silver": 890,
    "rejected": 100,
    "duplicates": 10,
    "rejected_by_reason": {"email:missing": 100},
}
# The lines by which manifests of every age are read.
ACTIVITY_LINES = {
    "gold": 2,
    "messages": 3,
    "silver_messages": 3,
    "purchases": 2,
    "silver_purchases": 2,
    "repeated_messages": 1,
    "silver_repeated_messages": 1,
    "repeated_purchases": 0,
    "silver_repeated_purchases": 0,
    "money": "4.50",
    "silver_money": "4.50",
    "sessions_over_24_hours": 0,
    "negative": 0,
}
IMPACT_LINES = {"gold": 5, "silver_sendings": 5, "successes": 1, "impossible": 0}


def whole(table: GoldTable, lines: dict[str, Any]) -> dict[str, Any]:
    """A ledger of these lines, and nothing in the others that the contract declares."""
    others = (*table.figures, *table.tallies, *(f"silver_{line}" for line in table.proven))
    return {"gold": 0} | dict.fromkeys(others, 0) | lines


ACTIVITY = whole(GLOBAL_USER_ACTIVITY_PER_DAY, ACTIVITY_LINES)
IMPACT = whole(GLOBAL_NOTIF_IMPACT_PER_DAY, IMPACT_LINES)


def test_ledgers_that_add_up_pass() -> None:
    silver_ledger.audit(USERS, BATCH, SILVER)
    gold_ledger.audit(GLOBAL_USER_ACTIVITY_PER_DAY, DAY, ACTIVITY)
    gold_ledger.audit(GLOBAL_NOTIF_IMPACT_PER_DAY, DAY, IMPACT)


@pytest.mark.parametrize("count", ["bronze", "silver", "rejected", "duplicates"])
@pytest.mark.parametrize("off", [-1, 1])
def test_one_row_too_many_or_too_few_stops_silver(count: str, off: int) -> None:
    with pytest.raises(DataError, match="rows by its manifest"):
        silver_ledger.audit(USERS, BATCH, SILVER | {count: SILVER[count] + off})


@pytest.mark.parametrize(
    ("rejected", "bronze", "broken"),
    [(501, 1000, True), (500, 1000, False), (100, 101, False), (100, 100, True), (10, 10, True), (9, 9, False),
     (9, 10, False), (0, 0, False)],
)  # fmt: skip
def test_more_than_half_and_a_hundred_rejected_or_all_of_ten_is_a_broken_source(
    rejected: int, bronze: int, broken: bool
) -> None:
    ledger = SILVER | {"bronze": bronze, "silver": bronze - rejected, "rejected": rejected, "duplicates": 0}
    if not broken:
        return silver_ledger.audit(USERS, BATCH, ledger)
    with pytest.raises(DataError, match="a broken source, not dirty data"):
        silver_ledger.audit(USERS, BATCH, ledger)


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ({"currency:no_rate": 501}, "501 of 1,000 rows rejected for want of a rate: not a broken source, but"),
        ({"currency:rate_too_old": 300, "currency:no_rate": 201}, "501 of 1,000 rows rejected for want of a rate"),
        ({"currency:no_rate": 500, "amount:negative": 1}, None),
        # a code that is none is the source's affair, though it has no rate either
        ({"currency:malformed": 501, "currency:no_rate": 501}, None),
    ],
)
def test_most_rows_lost_for_want_of_a_rate_are_the_rates_files_affair(
    reasons: dict[str, int], told: str | None
) -> None:
    batch, file = Batch("silver", "s3a://silver", "user_purchases", DAY), Path("/conf/rates.csv")
    ledger = {"bronze": 1000, "silver": 499, "rejected": 501, "duplicates": 0, "rejected_by_reason": reasons}
    if told is None:
        silver_ledger.check_rates(USER_PURCHASES, batch, file, ledger)
        return
    with pytest.raises(DataError, match=f"silver user_purchases 2025-03-01: {told}.*/conf/rates.csv") as caught:
        silver_ledger.check_rates(USER_PURCHASES, batch, file, ledger)
    assert caught.value.then.startswith("add the missing rates (make rates FILE=eurofxref-hist.csv)")


@pytest.mark.parametrize(
    ("table", "ledger", "wrong", "complaint"),
    [
        (GLOBAL_USER_ACTIVITY_PER_DAY, ACTIVITY, {"messages": 4}, "does not add up with silver: messages"),
        (GLOBAL_USER_ACTIVITY_PER_DAY, ACTIVITY, {"silver_money": "4.51"}, "does not add up with silver: money"),
        (GLOBAL_USER_ACTIVITY_PER_DAY, ACTIVITY, {"purchases": 1}, "does not add up with silver: purchases"),
        (
            GLOBAL_USER_ACTIVITY_PER_DAY,
            ACTIVITY,
            {"repeated_messages": 0},
            "does not add up with silver: repeated_messages",
        ),
        (GLOBAL_USER_ACTIVITY_PER_DAY, ACTIVITY, {"negative": 1}, "a figure is impossible: negative"),
        (
            GLOBAL_USER_ACTIVITY_PER_DAY,
            ACTIVITY,
            {"sessions_over_24_hours": 1},
            "a figure is impossible: sessions_over",
        ),
        # a line that the contract does not have is compared with nothing
        (GLOBAL_USER_ACTIVITY_PER_DAY, ACTIVITY, {"silver_visits": 1}, "a figure is impossible: silver_visits"),
        (GLOBAL_NOTIF_IMPACT_PER_DAY, IMPACT, {"gold": 4}, "does not add up with silver: sendings"),
        (GLOBAL_NOTIF_IMPACT_PER_DAY, IMPACT, {"silver_sendings": 6}, "does not add up with silver: sendings"),
        (GLOBAL_NOTIF_IMPACT_PER_DAY, IMPACT, {"impossible": 1}, "a figure is impossible: impossible"),
    ],
)
def test_what_differs_from_silver_or_cannot_be_stops_gold(
    table: GoldTable, ledger: dict[str, Any], wrong: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DataError, match=rf"^gold {table.name} 2025-03-01: {complaint}.* \({{'gold': "):
        gold_ledger.audit(table, DAY, ledger | wrong)


def test_money_is_compared_by_value_not_by_spelling() -> None:
    gold_ledger.audit(GLOBAL_USER_ACTIVITY_PER_DAY, DAY, ACTIVITY | {"money": "4.5"})


@pytest.mark.parametrize(
    ("table", "ledger", "line"),
    [
        (table, ledger, line)
        for table, ledger in ((GLOBAL_USER_ACTIVITY_PER_DAY, ACTIVITY), (GLOBAL_NOTIF_IMPACT_PER_DAY, IMPACT))
        for line in table.proven
    ],
)
def test_a_line_that_silver_does_not_prove_stops_gold(table: GoldTable, ledger: dict[str, Any], line: str) -> None:
    """Though it is zero: then silver has to say so."""
    found = {name: value for name, value in ledger.items() if name != f"silver_{line}"}
    with pytest.raises(DataError, match=rf"^gold {table.name} 2025-03-01: silver does not prove: {line} \({{'gold': "):
        gold_ledger.audit(table, DAY, found)


def test_rows_read_are_proven_where_bronze_is_still_there() -> None:
    ledger = whole(SOURCE_LEDGER_PER_DAY, {"read": 9, "silver_read": 9})
    gold_ledger.audit(SOURCE_LEDGER_PER_DAY, DAY, ledger)
    with pytest.raises(DataError, match="does not add up with silver: read"):
        gold_ledger.audit(SOURCE_LEDGER_PER_DAY, DAY, ledger | {"silver_read": 8})
    del ledger["silver_read"]
    gold_ledger.audit(SOURCE_LEDGER_PER_DAY, DAY, ledger)


def test_the_ledger_has_the_lines_that_it_had_before() -> None:
    tallies = {"purchases": 2, "repeated_messages": 1, "repeated_purchases": 0}
    money = Decimal("4.50")
    alarms = {"sessions_over_24_hours": 0}
    activity = drawn_up(GLOBAL_USER_ACTIVITY_PER_DAY, alarms, {"rows": 2, "messages": 3, "money": money, **tallies})
    assert activity == ACTIVITY and activity.items() >= ACTIVITY_LINES.items()
    impact = drawn_up(GLOBAL_NOTIF_IMPACT_PER_DAY, {}, {"rows": 5, "sendings": 5, "successes": 1})
    assert impact == IMPACT and impact.items() >= IMPACT_LINES.items()


def drawn_up(table: GoldTable, alarms: dict[str, int], lines: dict[str, int | Decimal]) -> dict[str, Any]:
    """The ledger of a day in which these lines are seen, and proven; all others are zero."""
    seen = {**dict.fromkeys((*table.figures, *table.tallies), 0), **lines}
    return gold_ledger.drawn_up(table, seen, alarms, {line: lines.get(line, 0) for line in table.proven})
