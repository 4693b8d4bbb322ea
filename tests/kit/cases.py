"""The worked cases of tests/cases as rows. Their README states the format."""

import csv
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from daybook import contracts
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from tests.kit.gold import READ_BY_GOLD, SOURCES
from tests.kit.gold_rows import gold_row, is_key

CASES = Path(__file__).parent.parent / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
EXPECTED = {
    f"expected_{table.name.removeprefix('global_').removesuffix('_per_day')}.csv": table
    for table in contracts.FIGURE_TABLES
}
INPUTS = {f"{name}.csv": SOURCES[name] for name in READ_BY_GOLD}
ID_AND_CURRENCY = {column.name for table in INPUTS.values() for column in table.columns if column.type == "uuid"}
ID_AND_CURRENCY.add("currency")

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
        columns = EXPECTED[path.name].columns
        named = [column.name for column in columns if column.name in header or is_key(column)]
        assert list(header) == named, f"{path}: header"
    elif path.name in INPUTS:
        optional = {"ds"} if path.name == "user_notifications.csv" else set()
        assert set(header) <= set(INPUTS[path.name].column_names) | optional, f"{path}: header"
        assert read, f"{path}: no row"
    # The reader puts None where a row has too many fields or too few; an empty field is "" until here.
    assert all(None not in row and None not in row.values() for row in read), f"{path}: ragged row"
    return [{name: value or None for name, value in row.items()} for row in read]


def silver_of(name: str, case: Case) -> dict[str, list[dict[str, Any]]]:
    """The case's silver rows with their `ds`; ids and currencies bear the case's name: cases can mix."""
    silver: dict[str, list[dict[str, Any]]] = {}
    for file in case.keys() & INPUTS.keys():
        table = INPUTS[file]
        for row in case[file]:
            named = {c: f"{name}/{row[c]}" for c in ID_AND_CURRENCY & row.keys() if row[c]}
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


def together() -> tuple[dict[str, list[dict[str, Any]]], list[date], dict[str, Decimal]]:
    """Silver of all cases, all days on which gold can have rows of it, and the rates: different ids do not touch."""
    silver: dict[str, list[dict[str, Any]]] = {}
    rates: dict[str, Decimal] = {}
    for name in NAMES:
        case = read_case(CASES / name)
        for table, rows in silver_of(name, case).items():
            silver.setdefault(table, []).extend(rows)
        rates |= {f"{name}/{row['currency']}": Decimal(row["rate"]) for row in case.get("rates.csv", [])}
    days = [date.fromisoformat(row["ds"]) for rows in silver.values() for row in rows]
    around = range(-2, (max(days) - min(days)).days + 3)
    return silver, [min(days) + timedelta(days=n) for n in around], rates


def expected_of(table: GoldTable, row: Mapping[str, str | None]) -> tuple[Any, ...]:
    """The whole row that a line of an expected file stands for: a figure without a column there is its zero."""
    types = {column.name: column.type for column in table.columns}
    return gold_row(table, **{name: value(types[name], text) for name, text in row.items()})


def value(gold_type: str, text: str | None) -> Any:
    """A field of an expected file, of a column of that type."""
    if text is None:
        return None
    if gold_type == "boolean":
        return {"true": True, "false": False}[text]
    if gold_type == "duration":
        parts = re.fullmatch(r"(\d+):([0-5]\d):([0-5]\d)(?:\.(\d{6}))?", text)
        assert parts, f"{text!r} is no duration"
        hours, minutes, seconds, micros = (int(part or 0) for part in parts.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)
    readers: dict[str, Any] = {
        **dict.fromkeys(("int", "bigint"), int),
        **dict.fromkeys(("uuid", "string"), str),
        "money": float,
        "date": date.fromisoformat,
        "timestamp": datetime.fromisoformat,
    }
    return readers[gold_type](text)
