"""Typing: a text is admitted in exactly the listed forms, and in no other."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import pytest
from pyspark.sql import functions as F

from daybook.contracts.model import Column
from daybook.transforms import typed
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
    "1740823200123": "2025-03-01 10:00:00.123000",
    "253402300799999": "9999-12-31 23:59:59.999000",
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
    "2025-03-01T10:20:3012": None,
}  # fmt: skip

AMOUNTS = {
    "10": "10.00", "10.5": "10.50", "+10.05": "10.05", "-0.01": "-0.01", "1e3": "1000.00", "1.5E+2": "150.00",
    "12345e-2": "123.45", "1.005": "1.01", "-1.005": "-1.01", "1.004": "1.00", "0.00499999": "0.00",
    "9999999999999999.99": "9999999999999999.99", "1e-999": "0.00", "007": "7.00",
    "9999999999999999.995": None, "10000000000000000": None, "1e400": None, "1e-1000": None, "5.": None, ".5": None,
    "1,000": None, "1 000": None, "NaN": None, "Infinity": None, "0x1F": None, "10 EUR": None, "--1": None, "1e": None,
    "$10.00": None, "١٠": None, "1_000": None, "1d": None, "1f": None, "1\u2028": None,
}  # fmt: skip

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
IDS = {
    ID: ID,
    ID.upper(): ID,
    "17": str(uuid5(NAMESPACE, "user-17")),
    "0": str(uuid5(NAMESPACE, "user-0")),
    "9223372036854775807": str(uuid5(NAMESPACE, "user-9223372036854775807")),
    "-1": None, "017": None, "1.0": None, "12345678901234567890": None, ID[:-1]: None, ID + "0": None,
    ID.replace("-", ""): None, "{" + ID + "}": None, ID + "\u2028": None, "17\u0085": None, "g" + ID[1:]: None,
}  # fmt: skip


def values(make_frame: Any, cases: dict[str, Any], expression: Any) -> dict[str, Any]:
    rows = make_frame([{"text": text} for text in cases], "text string").select("text", expression.alias("value"))
    return {row.text: row.value for row in rows.collect()}


def test_a_time_is_read_in_exactly_the_listed_forms(make_frame: Any) -> None:
    spelled = F.date_format(typed.instant("text"), "yyyy-MM-dd HH:mm:ss.SSSSSS")
    found = values(make_frame, TIMES, spelled)
    expected = {
        t: None if v is None else str(datetime.fromisoformat(v).isoformat(" ", "microseconds"))
        for t, v in TIMES.items()
    }
    assert found == expected


def test_an_amount_is_rounded_to_cents_and_refused_beyond_its_type(make_frame: Any) -> None:
    found = values(make_frame, AMOUNTS, typed.number("text", "decimal(18,2)"))
    assert found == {text: None if v is None else Decimal(v) for text, v in AMOUNTS.items()}


def test_an_id_is_a_uuid_or_an_integer_with_the_uuid_python_gives_it(make_frame: Any) -> None:
    assert values(make_frame, IDS, uuid_text(F.col("text"), "user", NAMESPACE)) == IDS


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
