"""The worked cases of tests/cases: gold is what their expected files say. Their README states the format."""

import csv
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.model import SourceTable

CASES = Path(__file__).parent.parent / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
EXPECTED = {
    "expected_user_activity.csv": GLOBAL_USER_ACTIVITY_PER_DAY,
    "expected_notif_impact.csv": GLOBAL_NOTIF_IMPACT_PER_DAY,
}
READ_BY_GOLD = {name for gold in GOLD_TABLES for name in gold.reads}
INPUTS = {f"{table.name}.csv": table for table in SOURCE_TABLES if table.name in READ_BY_GOLD}

Case = dict[str, list[dict[str, Any]]]


def read_case(folder: Path) -> Case:
    """The rows of each file of a case, an empty field as None; what the README does not know is refused."""
    names = {path.name for path in folder.iterdir()}
    assert names <= {"case.txt", "rates.csv", *INPUTS, *EXPECTED}, f"unknown file in {folder.name}"
    assert "case.txt" in names and all(names & set(kind) for kind in (INPUTS, EXPECTED)), f"{folder.name} lacks a file"
    return {name: _rows(folder / name) for name in names - {"case.txt"}}


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        read = list(reader)
    header = reader.fieldnames or ()
    if path.name in EXPECTED:
        assert tuple(header) == EXPECTED[path.name].column_names, f"{path}: header"
    elif path.name in INPUTS:
        optional = {"ds"} if path.name == "user_notifications.csv" else set()
        assert set(header) <= set(INPUTS[path.name].column_names) | optional, f"{path}: header"
        assert read, f"{path}: no row"
    # The reader puts None where a row has too many fields or too few; an empty field is "" until here.
    assert all(None not in row and None not in row.values() for row in read), f"{path}: ragged row"
    return [{name: value or None for name, value in row.items()} for row in read]


def silver_of(name: str, case: Case) -> dict[str, list[dict[str, Any]]]:
    """The case's silver rows with their `ds`; users and currencies bear the case's name: cases can mix."""
    silver: dict[str, list[dict[str, Any]]] = {}
    for file in case.keys() & INPUTS.keys():
        table = INPUTS[file]
        for row in case[file]:
            named = {c: f"{name}/{row[c]}" for c in ("user_id", "currency") if row.get(c)}
            rows = [{**row, **named, "ds": ds} for ds in _silver_days(table, row)]
            silver.setdefault(table.name, []).extend(rows)
        keys = [(row["ds"], *(row[c] for c in table.key if c in row)) for row in silver[table.name]]
        assert len(set(keys)) == len(keys), f"{name}/{file}: silver holds a key once per day"
    return silver


def _silver_days(table: SourceTable, row: Mapping[str, Any]) -> list[str]:
    assert table.window is not None
    first = date.fromisoformat(row[table.window.column][:10])
    days = [(first + timedelta(days=n)).isoformat() for n in range(table.window.days_back + 1)]
    if row.get("ds") is None:
        return days
    assert row["ds"] in days, f"{row}: outside the window of that silver day"
    return [row["ds"]]


@pytest.fixture(scope="module")
def computed(gold_of: Any) -> dict[str, list[Any]]:
    """Both gold tables of all cases, computed together: figures of different users do not touch."""
    silver: dict[str, list[dict[str, Any]]] = {}
    rates: dict[str, Decimal] = {}
    for name in NAMES:
        case = read_case(CASES / name)
        for table, rows in silver_of(name, case).items():
            silver.setdefault(table, []).extend(rows)
        rates |= {f"{name}/{row['currency']}": Decimal(row["rate"]) for row in case.get("rates.csv", [])}
    days = [date.fromisoformat(row["ds"]) for rows in silver.values() for row in rows]
    around = range(-2, (max(days) - min(days)).days + 3)
    result: dict[str, list[Any]] = gold_of(silver, [min(days) + timedelta(days=n) for n in around], rates)
    return result


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, computed: dict[str, list[Any]]) -> None:
    """Exactly the rows of the expected files, on all days."""
    case = read_case(CASES / name)
    for file in case.keys() & EXPECTED.keys():
        rows = computed[EXPECTED[file].name]
        found = [(r[0].removeprefix(f"{name}/"), *r[1:]) for r in rows if r[0].startswith(f"{name}/")]
        expected = [tuple(_value(c.type, row[c.name]) for c in EXPECTED[file].columns) for row in case[file]]
        assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_there_are_cases() -> None:
    """An empty folder of cases would pass in silence."""
    assert len(NAMES) >= 17, "the definitions alone come with 17 worked cases"


def _value(gold_type: str, text: str | None) -> Any:
    if text is None:
        return None
    if gold_type == "boolean":
        return {"true": True, "false": False}[text]
    if gold_type == "duration":
        parts = re.fullmatch(r"(\d+):([0-5]\d):([0-5]\d)(?:\.(\d{6}))?", text)
        assert parts, f"{text!r} is no duration"
        hours, minutes, seconds, micros = (int(part or 0) for part in parts.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
    readers: dict[str, Any] = {"int": int, "float": float, "date": date.fromisoformat}
    return readers.get(gold_type, str)(text)
