"""Rules: each reason is given to the row that breaks it, and to no other; the latest row per key stays."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import functions as F

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.model import SourceTable
from daybook.contracts.notification_states import NOTIFICATION_STATES
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.users import USERS
from daybook.days.of_days import OfDays
from daybook.rates import DayRates
from daybook.settings import meaning
from daybook.transforms import integer_ids, quality
from daybook.transforms.latest import one_per_key

DAY = date(2025, 3, 1)
UUIDS = [f"00000000-0000-4000-8000-{n:012d}" for n in range(4)]
RATES = DayRates({"EUR": Decimal(1), "USD": Decimal("0.8"), "KWD": Decimal("3.1")}, ("HRK",))
PARAMETERS = quality.parameters(datetime(2025, 3, 2, 0, 5, tzinfo=UTC), RATES, meaning({}).in_rules)
GOOD = {
    "uuid": UUIDS[0],
    "string": "text",
    "timestamp": "2025-03-01T10:00:00.000000Z",
    "decimal(18,6)": "1.00",
}
GOOD_BY_NAME = {"email": "a@b", "currency": "EUR"}
# How a row is made to break a rule: reason → the text that breaks it.
BREAKS: dict[str, dict[str, str]] = {
    "email:malformed": {"email": "a@b@c"},
    "updated_before_created": {"updated_at": "2025-03-01T09:59:59.999999Z"},
    "amount:negative": {"amount": "-0.01"},
    "amount:implausible": {"amount": "1000000.000001"},
    "currency:malformed": {"currency": "EU"},
    "currency:no_rate": {"currency": "XXX"},
    "currency:rate_too_old": {"currency": "HRK"},
}
ALSO = {"currency:malformed": {"currency:no_rate"}}


def good_row(table: SourceTable) -> dict[str, str]:
    return {c.name: GOOD_BY_NAME.get(c.name, GOOD[c.type]) for c in table.columns}


def breaking(reason: str) -> Mapping[str, str | None]:
    column, _, kind = reason.partition(":")
    texts = {
        "missing": None,
        "type": "?",
        "in_future": "2025-03-02T00:05:00.000001Z",
        "too_old": "1999-12-31",
        "date_order": "02/28/2025",
    }
    return BREAKS[reason] if reason in BREAKS else {column: texts[kind]}


def bronze(make_frame: Any, table: SourceTable, rows: Sequence[Mapping[str, Any]]) -> Any:
    return make_frame(rows, ", ".join(f"{name} string" for name in (*table.column_names, "case")))


def judged(make_frame: Any, table: SourceTable, rows: Sequence[Mapping[str, Any]]) -> quality.Judged:
    return quality.judge(bronze(make_frame, table, rows), table, None, PARAMETERS)


def reasons_of(make_frame: Any, table: SourceTable, rows: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Reasons by the row's case, which is no column of the contract: one frame row per case."""
    frame = quality.with_verdict(bronze(make_frame, table, rows), table, None, PARAMETERS)
    found = frame.select(quality.BROKEN, quality.reasons(table, PARAMETERS).alias("reasons")).collect()
    assert all(row[quality.BROKEN] == bool(row.reasons) for row in found), "broken is whoever has a reason"
    return {case["case"]: set(row.reasons) for case, row in zip(rows, found, strict=True)}


@pytest.mark.parametrize("table", SOURCE_TABLES, ids=lambda t: t.name)
def test_every_reason_is_given_to_the_row_that_breaks_it_and_to_it_alone(make_frame: Any, table: SourceTable) -> None:
    rows = [{**good_row(table), **breaking(reason), "case": reason} for reason in table.reasons]
    rows.append({**good_row(table), "case": "good"})
    found = reasons_of(make_frame, table, rows)
    assert found.pop("good") == set()
    # A time before its creation or beyond the day may break the order of the two times as well.
    order = {"updated_before_created"} if table.rules else set()
    for reason, given in found.items():
        assert reason in given
        of_type = {reason.replace("date_order", "type")}  # a date in the other order is none in this
        assert given - {reason} - ALSO.get(reason, set()) - of_type <= order


def test_what_just_holds_is_not_rejected(make_frame: Any) -> None:
    edge: dict[str, list[dict[str, str | None]]] = {
        "users": [{"updated_at": "2025-03-01T10:00:00Z"}, {"email": "@b"[1:] + "@x"}, {"created_at": None}],
        "user_purchases": [
            {"amount": "0"}, {"amount": "1000000"}, {"amount": "-0.0000004"}, {"currency": " eur "},
            {"purchase_time": "2025-03-02T00:05:00Z"}, {"purchase_time": "2000-01-01"},
        ],
    }  # fmt: skip
    for table in (USERS, USER_PURCHASES):
        rows = [{**good_row(table), **change, "case": str(n)} for n, change in enumerate(edge[table.name])]
        assert reasons_of(make_frame, table, rows) == {str(n): set() for n in range(len(rows))}


@pytest.mark.parametrize(
    ("amount", "currency", "reasons"),
    [
        # 1,250,000 USD are 1,000,000.000000 EUR; the sixth decimal more is 0.0000008 EUR more, seen before any rounding
        ("1250000", "USD", set()), ("1250000.000001", "USD", {"amount:implausible"}),
        ("322580.645161", "KWD", set()), ("322580.645162", "KWD", {"amount:implausible"}),
        # what is judged is the amount to six decimals
        ("1000000.0000004", "EUR", set()), ("1000000.0000005", "EUR", {"amount:implausible"}),
        # the largest amount there is; without a rate that can be used nothing is known of its worth
        ("999999999999.999999", "EUR", {"amount:implausible"}),
        ("999999999999.999999", "XXX", {"currency:no_rate"}),
        ("999999999999.999999", "HRK", {"currency:rate_too_old"}),
        ("1000000000000", "EUR", {"amount:type"}), ("999999999999.9999995", "EUR", {"amount:type"}),
    ],
)  # fmt: skip
def test_an_amount_is_judged_by_its_worth_in_the_reporting_currency(
    make_frame: Any, amount: str, currency: str, reasons: set[str]
) -> None:
    row = {**good_row(USER_PURCHASES), "amount": amount, "currency": currency, "case": "it"}
    assert reasons_of(make_frame, USER_PURCHASES, [row]) == {"it": reasons}


@pytest.mark.parametrize(("limit", "reasons"), [(999, {"amount:implausible"}), (1000, set()), (10**12, set())])
def test_the_limit_is_the_settings(make_frame: Any, limit: int, reasons: set[str]) -> None:
    rates, told = DayRates({"EUR": Decimal(1)}, ()), meaning({"DAYBOOK_AMOUNT_LIMIT": str(limit)}).in_rules
    parameters = quality.parameters(datetime(2025, 3, 2, tzinfo=UTC), rates, told)
    frame = bronze(make_frame, USER_PURCHASES, [{**good_row(USER_PURCHASES), "amount": "1000"}])
    rejected = quality.judge(frame, USER_PURCHASES, None, parameters).rejected.collect()
    assert {reason for row in rejected for reason in row.reasons} == reasons


def test_a_row_keeps_all_its_reasons_and_every_column_as_it_was_read(make_frame: Any) -> None:
    bad = {**good_row(USER_PURCHASES), "user_id": None, "amount": " -5 ", "currency": "euro "}
    once_bad = {**good_row(USER_PURCHASES), "amount": "x"}
    found = judged(make_frame, USER_PURCHASES, [bad, once_bad])
    row, other = found.rejected.collect()
    assert other.reasons == ["amount:type"] and other.amount == "x"
    assert set(row.reasons) == {
        "user_id:missing",
        "amount:negative",
        "currency:malformed",
        "currency:no_rate",
    }
    assert {name: row[name] for name in bad} == bad
    assert found.clean.count() == 0


def test_reasons_are_counted_over_the_rejected_rows(make_frame: Any) -> None:
    found = judged(
        make_frame, USERS, [{**good_row(USERS), "email": email} for email in ("a@b", None, "ab", "a@b", None)]
    )
    [counted] = found.rejected.agg(*(F.count_if(c).alias(n) for n, c in found.by_reason.items())).collect()
    given = {reason: number for reason, number in counted.asDict().items() if number}
    assert given == {"email:missing": 2, "email:malformed": 1}


@pytest.mark.parametrize(
    ("texts", "alarms"),
    [((UUIDS[0], UUIDS[1]), (False, False)), ((UUIDS[0], "x"), (True, False)), ((UUIDS[0], "17"), (True, True))],
)
def test_rejected_rows_and_integer_ids_without_a_namespace_raise_an_alarm(
    make_frame: Any, texts: tuple[str, ...], alarms: tuple[bool, bool]
) -> None:
    found = judged(make_frame, USERS, [{**good_row(USERS), "id": text} for text in texts])
    found.clean.collect()
    assert (found.rejects_once_written(), found.integer_ids_once_written()) == alarms


@pytest.mark.parametrize(
    ("ids", "column"),
    [
        ((UUIDS[0], UUIDS[1], "17"), None),
        ((UUIDS[0], "17"), None),
        ((UUIDS[0], "17", "18"), "id"),
        ((" ", None, UUIDS[0], " 0", "18"), "id"),
        (("x", "y", "17"), None),
    ],
)
def test_the_ids_of_a_day_are_integers_where_most_that_are_there_are_whatever_the_other_days_hold(
    make_frame: Any, ids: tuple[str | None, ...], column: str | None
) -> None:
    days = [date(2025, 3, 1), date(2025, 3, 2)]
    rows = [{**good_row(USERS), "id": each, "_day": str(days[0])} for each in ids]
    one = make_frame(rows, ", ".join(f"{name} string" for name in USERS.column_names))
    assert integer_ids.columns(OfDays(one, days[:1]), USERS).collect()[0].asDict() == {str(days[0]): column}
    rows += [{**good_row(USERS), "id": each, "_day": str(days[1])} for each in (UUIDS[0], *"12345678")]
    several = make_frame(rows, ", ".join(f"{name} string" for name in (*USERS.column_names, "_day")))
    several = several.withColumn("_day", F.col("_day").cast("date"))
    assert integer_ids.columns(OfDays(several, days), USERS).collect()[0].asDict() == {
        str(days[0]): column,
        str(days[1]): "id",
    }


def test_the_latest_row_per_key_stays_and_ties_go_to_the_greatest_row(make_frame: Any) -> None:
    def user(number: int, first: str | None, updated: str) -> dict[str, Any]:
        return {"id": UUIDS[number], "first_name": first, "updated_at": f"2025-03-01T{updated}Z"}

    rows = [
        user(0, "old", "10:00:00"), user(0, "new", "10:00:01"),
        user(1, "same", "10:00:00"), user(1, "same", "10:00:00"),
        user(2, None, "10:00:00"), user(2, "b", "10:00:00"), user(2, "a", "10:00:00"),
    ]  # fmt: skip
    ddl = "id string, first_name string, last_name string, email string, created_at timestamp, updated_at timestamp"
    for order in (rows, rows[::-1]):
        latest = one_per_key(OfDays(make_frame(order, ddl), [DAY]), USERS)
        kept = {row.id: row.first_name for row in latest.rows.frame.collect()}
        assert kept == {UUIDS[0]: "new", UUIDS[1]: "same", UUIDS[2]: "b"}
        assert latest.duplicates(DAY) == 4


def test_every_state_that_one_id_went_through_stays_and_takes_none_away(make_frame: Any) -> None:
    """Of one id at one instant a single row stays: that with the greatest status."""
    told = [("CLICKED", "10:00:00"), ("DISMISSED", "10:00:01"), ("DISMISSED", "10:00:01"), ("SENT", "10:00:00.000001"),
            ("CLICKED", "12:00:00"), ("READ", "12:00:00")]  # fmt: skip
    ids = {"id": UUIDS[0], "user_id": UUIDS[1], "notification_id": UUIDS[2]}
    rows = [{**ids, "status": status, "updated_at": f"2025-03-01T{at}Z"} for status, at in told]
    ddl = ", ".join(f"{c.name} {c.type_in.spark}" for c in NOTIFICATION_STATES.columns)
    latest = one_per_key(OfDays(make_frame(rows, ddl), [DAY]), NOTIFICATION_STATES)
    kept = sorted((f"{row.updated_at:%H:%M:%S.%f}", row.status) for row in latest.rows.frame.collect())
    assert kept == [("10:00:00.000000", "CLICKED"), ("10:00:00.000001", "SENT"), ("10:00:01.000000", "DISMISSED"),
                    ("12:00:00.000000", "READ")]  # fmt: skip
    assert latest.duplicates(DAY) == 2


def test_duplicates_are_counted_after_the_last_shuffle_where_a_row_computed_again_counts_once(make_frame: Any) -> None:
    clean = judged(make_frame, USERS, [good_row(USERS)]).clean
    kept = one_per_key(OfDays(clean, [DAY]), USERS)
    plan = kept.rows.frame._jdf.queryExecution().executedPlan().toString()  # the stage that writes comes first
    assert plan.index(f" AS {DAY} duplicates") < plan.index("Exchange ") < plan.index(" AS integer_ids")
    assert plan.count("Exchange ") == 1
