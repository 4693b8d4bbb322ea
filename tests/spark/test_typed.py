"""Typing: a text is admitted in exactly the listed forms, and in no other; each ends as a value or as one reason."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest
from pyspark.sql import functions as F

from daybook.contracts.model import Column
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.rates import DayRates
from daybook.settings import meaning
from daybook.transforms import quality, typed
from daybook.transforms.identifiers import uuid_text

NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")

TIMES = {
    "2025-03-01": "2025-03-01 00:00:00",
    "2025-03-01T10:20": "2025-03-01 10:20:00",
    "2025-03-01 10:20": "2025-03-01 10:20:00",
    "2025-03-01T10:20:30": "2025-03-01 10:20:30",
    "2025-03-01T10:20:30Z": "2025-03-01 10:20:30",
    "2025-03-01T10:20Z": "2025-03-01 10:20:00",
    "2025-03-01T10:20:30.000001Z": "2025-03-01 10:20:30.000001",
    "2025-03-01T10:20:30.5": "2025-03-01 10:20:30.500000",
    "2025-03-01T10:20:30.123456789Z": "2025-03-01 10:20:30.123456",
    "2025-03-01T10:20:30.9999999Z": "2025-03-01 10:20:30.999999",
    "2025-03-01T10:20:30+02": "2025-03-01 08:20:30",
    "2025-03-01T10:20:30+0230": "2025-03-01 07:50:30",
    "2025-03-01T10:20:30-02:30": "2025-03-01 12:50:30",
    "2025-03-01 10:20+18:00": "2025-02-28 16:20:00",
    "2024-02-29": "2024-02-29 00:00:00",
    "01/03/2025": "2025-03-01 00:00:00",
    "31/12/2024 23:59": "2024-12-31 23:59:00",
    "31/12/2024 23:59:58": "2024-12-31 23:59:58",
    "1740823200": "2025-03-01 10:00:00",
    "0": "1970-01-01 00:00:00",
    "2025": "1970-01-01 00:33:45",  # digits are Unix seconds
    "20250301": "1970-08-23 09:05:01",
    "1740823200123": "2025-03-01 10:00:00.123000",
    "253402300799999": "9999-12-31 23:59:59.999000",
    "9999-12-31T23:59:59.999999Z": "9999-12-31 23:59:59.999999",
    "9999-12-30T23:59:59-18:00": "9999-12-31 17:59:59",
    "1999-12-31T23:59:59.999999Z": "1999-12-31 23:59:59.999999",
    "2000-01-01": "2000-01-01 00:00:00",
    "2025-03-02T00:05:00": "2025-03-02 00:05:00",
    "2025-03-02T00:05:00.000001": "2025-03-02 00:05:00.000001",
    " 2025-03-01\u00a0": "2025-03-01 00:00:00",
    # near misses
    "12:30": None, "now": None, "today": None, "epoch": None, "infinity": None, "2025-02-30": None, "31/04/2025": None,
    "2025-13-01": None, "2025-3-1": None, "2025-03": None, "20250301T102030": None, "2025-03-01T": None,
    "2025-03-01T24:00": None, "2025-03-01T10:60": None, "2025-03-01T10:20:60": None, "2025-03-01T10": None,
    "2025-03-01T10:20:30.": None, "2025-03-01T10:20:30,5": None, "2025-03-01T10:20:30 Z": None,
    "2025-03-01T10:20:30z": None, "2025-03-01t10:20": None, "2025-03-01T10:20:30+18:30": None,
    "2025-03-01T10:20:30+2": None, "2025-03-01T10:20:30+02:": None, "2025-03-01T10:20:30 Europe/Paris": None,
    "2025-03-01T10:20:30UTC": None, "2025-03-01  10:20": None, "2025-03-01Z": None, "03/31/2025": None,
    "1/3/2025": None, "01/03/25": None, "01/03/2025 10": None, "-1": None, "+1740823200": None, "1740823200.5": None,
    "253402300800000": None, "9999999999999999": None, "2025-03-01\u2028": None, "٢٠٢٥-٠٣-٠١": None,
    "+2025-03-01": None, "12025-03-01": None, "0044-03-15 BC": None, "2025-03-01T10:2030": None,
    "2025-03-01T10:20:3012": None, "9999-12-31T23:59:59-05:00": None,
    "9999-12-31 23:59-0001": None,
    "02/29/2024 23:59": None, "12/13/2024 23:59:58": None, "02/29/2025": None, "13/13/2025": None, "00/01/2025": None,
    "02/28/2025 24:00": None,
}  # fmt: skip

AMOUNTS = {
    "10": "10.000000", "10.5": "10.500000", "+10.05": "10.050000", "-0.01": "-0.010000", "1e3": "1000.000000",
    "1.5E+2": "150.000000", "12345e-2": "123.450000", "1.234": "1.234000", "0.123456": "0.123456",
    "1.0000005": "1.000001", "-1.0000005": "-1.000001", "1.0000004": "1.000000", "0.00000049999999": "0.000000",
    f"0.0000004{'9' * 99}": "0.000000", "999999999999.999999": "999999999999.999999", "1e-999": "0.000000",
    "999999999999.9999994": "999999999999.999999", "007": "7.000000", "-0": "0.000000", "-0.0000004": "0.000000",
    "1000000": "1000000.000000", "1000000.0000004": "1000000.000000", "1000000.0000005": "1000000.000001",
    "\t1 \r\n": "1.000000",
    # doubles, as Cassandra's and PostgreSQL's are printed
    "0.1": "0.100000", "0.30000000000000004": "0.300000", "1.0E-6": "0.000001", "5e-07": "0.000001",
    "4.9E-7": "0.000000", "1.23456789012E11": "123456789012.000000",
    "999999999999.9999995": None, "1000000000000": None, "1e12": None, "1e400": None, "1e-1000": None, "5.": None,
    ".5": None, "1,000": None, "1 000": None, "NaN": None, "Infinity": None, "0x1F": None, "10 EUR": None, "--1": None,
    "1e": None, "$10.00": None, "١٠": None, "1_000": None, "1d": None, "1f": None, "1\u2028": None,
}  # fmt: skip

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
BARE = ID.replace("-", "")
IDS = {
    ID: ID,
    ID.upper(): ID,
    BARE: ID,
    BARE.upper(): ID,
    "12345678901234567890123456789012": "12345678-9012-3456-7890-123456789012",
    "17": str(uuid5(NAMESPACE, "user-17")),
    "0": str(uuid5(NAMESPACE, "user-0")),
    "9223372036854775807": str(uuid5(NAMESPACE, "user-9223372036854775807")),
    "-1": None, "017": None, "1.0": None, "12345678901234567890": None, ID[:-1]: None, ID + "0": None,
    ID.replace("-", "", 1): None, BARE[1:]: None, BARE + "0": None, "g" + BARE[1:]: None,
    "{" + ID + "}": None, ID + "\u2028": None, "17\u0085": None, "g" + ID[1:]: None,
}  # fmt: skip

BY_COLUMN: dict[str, dict[str, str | None]] = {"purchase_time": TIMES, "amount": AMOUNTS, "user_id": IDS}
# Texts that have a value and yet are no row of silver, each for the one reason; what has no value is `:type`.
REFUSED: dict[tuple[str, str | None], str] = {
    ("purchase_time", "0"): "too_old",
    ("purchase_time", "2025"): "too_old",
    ("purchase_time", "20250301"): "too_old",
    ("purchase_time", "1999-12-31T23:59:59.999999Z"): "too_old",
    ("purchase_time", "253402300799999"): "in_future",
    ("purchase_time", "9999-12-31T23:59:59.999999Z"): "in_future",
    ("purchase_time", "9999-12-30T23:59:59-18:00"): "in_future",
    ("purchase_time", "2025-03-02T00:05:00.000001"): "in_future",
    ("amount", "-0.01"): "negative",
    ("amount", "-1.0000005"): "negative",
    ("amount", "1000000.0000005"): "implausible",
    ("amount", "999999999999.999999"): "implausible",
    ("amount", "999999999999.9999994"): "implausible",
    ("amount", "1.23456789012E11"): "implausible",
}
# No date with the day first, and one with the month first.
OTHER_ORDER = {("purchase_time", text) for text in ("03/31/2025", "02/29/2024 23:59", "12/13/2024 23:59:58")}
ABSENT = (None, "", " \t\r\n\u00a0")
LATEST_PLAUSIBLE = datetime(2025, 3, 2, 0, 5, tzinfo=UTC)
PARAMETERS = quality.parameters(LATEST_PLAUSIBLE, DayRates({"EUR": Decimal(1)}, ()), meaning({}).in_rules)
GOOD = {"user_id": ID, "purchase_time": "2025-03-01", "purchase_id": ID, "amount": "1", "currency": "EUR"}


def outcome(column: str, text: str | None, value: str | None) -> tuple[str | None, list[str]]:
    """What becomes of a row with this text: its value, spelled in one form, and the reasons against it."""
    if value is None:
        also = [f"{column}:date_order"] if (column, text) in OTHER_ORDER else []
        return None, [f"{column}:missing" if text in ABSENT else f"{column}:type", *also]
    if column == "purchase_time":
        value = datetime.fromisoformat(value).isoformat(" ", "microseconds")
    return value, [f"{column}:{REFUSED[column, text]}"] if (column, text) in REFUSED else []


def test_every_text_ends_as_its_value_or_as_exactly_its_reason(make_frame: Any) -> None:
    cases: list[tuple[str, str | None, str | None]]
    cases = [(column, text, value) for column, texts in BY_COLUMN.items() for text, value in texts.items()]
    cases += [(column, text, None) for column in BY_COLUMN for text in ABSENT]
    ddl = ", ".join(f"{name} string" for name in USER_PURCHASES.column_names)
    bronze = make_frame([{**GOOD, column: text} for column, text, _ in cases], ddl)
    rows = quality.with_verdict(bronze, USER_PURCHASES, NAMESPACE, PARAMETERS).select(
        F.date_format("purchase_time", "yyyy-MM-dd HH:mm:ss.SSSSSS").alias("purchase_time"),
        F.col("amount").cast("string").alias("amount"),
        "user_id",
        quality.reasons(USER_PURCHASES, PARAMETERS).alias("reasons"),
    )
    found = zip(cases, rows.collect(), strict=True)
    ends = {(column, text): (row[column], row.reasons) for (column, text, _), row in found}
    assert ends == {(column, text): outcome(column, text, value) for column, text, value in cases}


def values(make_frame: Any, cases: dict[str, Any], expression: Any) -> dict[str, Any]:
    rows = make_frame([{"text": text} for text in cases], "text string").select("text", expression.alias("value"))
    return {row.text: row.value for row in rows.collect()}


def test_without_a_namespace_an_integer_is_no_id(make_frame: Any) -> None:
    found = values(make_frame, {"17": None, ID: None}, uuid_text(F.col("text"), "user", None))
    assert found == {"17": None, ID: ID}


@pytest.mark.parametrize(
    ("clean", "expected"),
    [
        ("as_is", {" \u00a0x Y\r\n\t": " \u00a0x Y\r\n\t", "  ": "  ", "": ""}),
        ("trim", {" \u00a0x Y\r\n\t": "x Y", "  ": None, "": None}),
        ("code", {" \u00a0x Y\r\n\t": "X Y", "  ": None, "": None}),
    ],
)
def test_outer_blanks_go_only_where_the_contract_says_so(make_frame: Any, clean: Any, expected: dict[str, Any]) -> None:
    column = Column("text", "string", "A text.", clean=clean)
    assert values(make_frame, expected, typed.cleaned("text", column)) == expected


def test_with_the_month_first_the_same_texts_change_their_places(make_frame: Any) -> None:
    cases = {
        "03/01/2025": ("2025-03-01 00:00:00", []),
        "02/28/2025 23:59": ("2025-02-28 23:59:00", []),
        "02/28/2025 23:59:58": ("2025-02-28 23:59:58", []),
        "28/02/2025 23:59:58": (None, ["purchase_time:type", "purchase_time:date_order"]),
        "02/29/2025": (None, ["purchase_time:type"]),
        "2025-02-28": ("2025-02-28 00:00:00", []),
        "1740700800": ("2025-02-28 00:00:00", []),
    }
    ddl = ", ".join(f"{name} string" for name in USER_PURCHASES.column_names)
    bronze = make_frame([{**GOOD, "purchase_time": text} for text in cases], ddl)
    rows = quality.with_verdict(bronze, USER_PURCHASES, NAMESPACE, PARAMETERS, month_first=True).select(
        F.date_format("purchase_time", "yyyy-MM-dd HH:mm:ss").alias("at"),
        quality.reasons(USER_PURCHASES, PARAMETERS, month_first=True).alias("reasons"),
    )
    assert dict(zip(cases, ((row.at, row.reasons) for row in rows.collect()), strict=True)) == cases
