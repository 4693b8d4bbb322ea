"""The file analysts get: its types, words, rows and order, and the proof that it holds what gold says."""

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from daybook.errors import DataError
from daybook.warehouse import schema
from daybook.warehouse.tabledays import Fetched, TableDay, Version
from tests.kit.warehouse import (
    ANNA,
    BERT,
    LETTERS,
    TABLES,
    VISITS,
    Row,
    ask,
    day,
    fetched,
    letter,
    parquet,
    put,
    visit,
)

TEXT = "it's \"one\"\0\r\n\U0001f600, ';--"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "live" / "analytics.duckdb"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with one day, for tests that do not change it."""
    folder = tmp_path_factory.mktemp("built")
    rows = [visit(ANNA, day(0), 2, 90_000.000001, 3, 19.99), visit(BERT, day(0), seconds=90.5)]
    impact = [letter(ANNA, day(0), TEXT, 12.25), letter(BERT, day(0), None, None)]
    put(
        folder / "live" / "a.duckdb",
        fetched(folder, VISITS, day(0), rows),
        fetched(folder, LETTERS, day(0), impact),
    )
    return folder / "live" / "a.duckdb"


def test_columns_have_exactly_the_types_of_the_design(built: Path) -> None:
    assert [row[:2] for row in ask(built, f"DESCRIBE {VISITS}")] == [
        ("user_id", "UUID"),
        ("date", "DATE"),
        ("visits", "INTEGER"),
        ("time_spent", "INTERVAL"),
        ("messages", "INTEGER"),
        ("money", "DOUBLE"),
    ]
    assert [row[:2] for row in ask(built, f"DESCRIBE {LETTERS}")] == [
        ("user_id", "UUID"),
        ("text", "VARCHAR"),
        ("sent_on", "DATE"),
        ("is_read", "BOOLEAN"),
        ("time_to_answer", "INTERVAL"),
    ]
    assert [row[:2] for row in ask(built, "DESCRIBE load_history")] == [
        ("loaded_at", "TIMESTAMP"),
        ("table_name", "VARCHAR"),
        ("ds", "DATE"),
        ("rows", "BIGINT"),
        ("manifest_version", "BIGINT"),
        ("manifest_etag", "VARCHAR"),
        ("is_current", "BOOLEAN"),
    ]


def test_every_value_survives(built: Path) -> None:
    spent = timedelta(hours=25, microseconds=1)
    assert ask(built, f"FROM {VISITS} LIMIT 1") == [(UUID(ANNA), day(0), 2, spent, 3, 19.99)]
    assert ask(built, f"FROM {LETTERS}") == [
        (UUID(ANNA), TEXT, day(0), True, timedelta(seconds=12.25)),
        (UUID(BERT), None, day(0), False, None),
    ]


def test_the_contracts_words_are_on_tables_views_and_columns(built: Path) -> None:
    everything = ask(built, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal")
    assert [row for row in everything if not row[2]] == []
    tables: dict[str, str] = dict(ask(built, "SELECT table_name, comment FROM duckdb_tables()"))
    assert all(tables[table.name] == table.grain for table in TABLES)
    assert tables["load_history"]
    for table in TABLES:
        words = {column: text for of, column, text in everything if of == table.name}
        assert words == {column.name: column.description for column in table.columns}
    views = ask(built, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL")
    of_figures = ["letters_per_day_seconds", "visits_per_day"]
    assert [name for name, comment in views if comment] == ["day_status", "day_warnings", *of_figures]


def test_comments_may_hold_quotes() -> None:
    column = dataclasses.replace(TABLES[0].columns[0], description="the user's; DROP")
    table = dataclasses.replace(TABLES[0], columns=(column, *TABLES[0].columns[1:]))
    assert any(statement.endswith("IS 'the user''s; DROP'") for statement in schema.statements(table))


def test_the_views_have_all_columns_what_can_be_added_up_and_what_is_final(built: Path) -> None:
    seconds = "time_spent_seconds"
    total = f"SELECT sum({seconds}), typeof(any_value({seconds})) FROM visits_per_day"
    assert ask(built, total) == [(90_090.500001, "DOUBLE")]
    after = ask(built, "SELECT time_to_answer_seconds FROM letters_per_day_seconds")
    assert after == [(12.25,), (None,)]
    assert ask(built, "SELECT sum(money_decimal) FROM visits_per_day") == [(Decimal("19.99"),)]
    added = {VISITS: ["time_spent_seconds", "money_decimal"], LETTERS: ["time_to_answer_seconds"]}
    for table in TABLES:
        if not table.is_ledger:
            of_view = [row[0] for row in ask(built, f"DESCRIBE {table.view}")]
            assert of_view == [*table.column_names, *added[table.name], "is_final"]


def test_changed_days_replace_and_the_others_are_kept_in_order(path: Path, tmp_path: Path) -> None:
    first = [visit(BERT, day(1)), visit(ANNA, day(1))]
    put(
        path,
        fetched(tmp_path, VISITS, day(1), first),
        fetched(tmp_path, VISITS, day(2), [visit(ANNA, day(2))]),
    )
    again = [visit(BERT, day(2), visits=7)]
    put(
        path,
        fetched(tmp_path, VISITS, day(2), again, version=2),
        fetched(tmp_path, VISITS, day(0), [visit(ANNA, day(0))]),
    )
    rows = ask(path, f"SELECT date, user_id, visits FROM {VISITS} ORDER BY rowid")
    assert rows == [
        (day(0), UUID(ANNA), 1),
        (day(1), UUID(ANNA), 1),
        (day(1), UUID(BERT), 1),
        (day(2), UUID(BERT), 7),
    ]


def test_the_history_keeps_every_load_and_marks_what_is_in_the_file(path: Path, tmp_path: Path) -> None:
    put(path, fetched(tmp_path, VISITS, day(0), []), fetched(tmp_path, LETTERS, day(0), [letter(ANNA, day(0))]))
    put(path, fetched(tmp_path, VISITS, day(0), [visit(ANNA, day(0))], version=4))
    columns = "table_name, ds, rows, manifest_version, manifest_etag, is_current"
    assert ask(path, f"SELECT {columns} FROM load_history ORDER BY rowid") == [
        (VISITS, day(0), 0, 1, '"2025-03-01-1"', False),
        (LETTERS, day(0), 1, 1, '"2025-03-01-1"', True),
        (VISITS, day(0), 1, 4, '"2025-03-01-4"', True),
    ]
    ((loads, age),) = ask(path, "SELECT count(DISTINCT loaded_at), min(loaded_at) FROM load_history")
    assert loads == 2
    assert abs(datetime.now(UTC).replace(tzinfo=None) - age) < timedelta(minutes=1)


def test_a_day_without_files_is_an_empty_day(path: Path) -> None:
    put(path, Fetched(TableDay(VISITS, day(0)), Version(1, "e", 0), {"messages": 0, "money": "0.00"}, ()))
    assert ask(path, f"SELECT count(*) FROM {VISITS}") == [(0,)]
    assert ask(path, "SELECT rows, is_current FROM load_history") == [(0, True)]


def test_strange_folders_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "user's [old] env=prod"
    put(folder / "a.duckdb", fetched(folder, VISITS, day(0), [visit(ANNA, day(0))]))
    assert ask(folder / "a.duckdb", f"SELECT count(*) FROM {VISITS}") == [(1,)]


def test_the_storage_opens_in_every_duckdb_from_1_0_to_2_0(built: Path) -> None:
    header = built.read_bytes()[:20]  # checksum, magic, storage version: 64 is that of 1.0
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ({"time_spent": "DOUBLE"}, "time_spent is DOUBLE in Parquet, the contract says BIGINT"),
        ({"date": "VARCHAR"}, "date is VARCHAR"),
        ({"extra": "INTEGER"}, "extra is INTEGER in Parquet, the contract says no such column"),
    ],
)
def test_parquet_of_other_columns_is_refused(path: Path, tmp_path: Path, types: dict[str, str], message: str) -> None:
    file = parquet(tmp_path / "p.parquet", VISITS, [], types)
    with pytest.raises(DataError, match=message):
        put(path, Fetched(TableDay(VISITS, day(0)), Version(1, "e", 0), {}, (str(file),)))
    assert not path.exists()


@pytest.mark.parametrize(
    ("rows", "ledger", "promised", "message"),
    [
        ([visit(ANNA, day(0))], {}, 2, "rows 1 in the new file, 2 in gold"),
        ([visit(ANNA, day(0)), visit(ANNA, day(1))], {}, 1, "2025-03-02: rows 1 in the new file, 0 in"),
        ([visit(ANNA, day(0), messages=3)], {"messages": 4}, 1, "messages 3 in the new file, 4 in gold"),
        (
            [visit(ANNA, day(0), money=0.1)],
            {"money": "0.11"},
            1,
            "money 0.10 in the new file, 0.11 in gold",
        ),
        ([], {"messages": 1}, 0, "messages 0"),
        ([visit(ANNA, day(0))], {"money": "much"}, 1, "not a number"),
        ([visit(ANNA, day(0), money=float("nan"))], {"money": "0.00"}, 1, "ConversionException$"),
        ([visit("not-a-uuid", day(0))], {}, 1, "ConversionException$"),
    ],
)
def test_what_differs_from_the_manifest_replaces_nothing(
    built: Path, tmp_path: Path, rows: list[Row], ledger: dict[str, object], promised: int, message: str
) -> None:
    before = built.stat()
    wrong = fetched(tmp_path, VISITS, day(0), rows, version=2, **ledger)
    wrong = dataclasses.replace(wrong, version=dataclasses.replace(wrong.version, rows=promised))
    with pytest.raises(DataError, match=message):
        put(built, wrong)
    assert (built.stat().st_ino, built.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [entry.name for entry in built.parent.iterdir()] == [built.name]


def test_a_ledger_that_agrees_to_the_cent_passes(path: Path, tmp_path: Path) -> None:
    # Ten cents and twenty are not thirty in doubles.
    rows = [visit(ANNA, day(0), messages=4, money=0.1), visit(BERT, day(0), messages=5, money=0.2)]
    put(path, fetched(tmp_path, VISITS, day(0), rows, messages=9, money="0.30", users=2))
    assert ask(path, f"SELECT count(*) FROM {VISITS}") == [(2,)]


def test_kept_days_are_proven_too(path: Path, tmp_path: Path) -> None:
    put(path, fetched(tmp_path, VISITS, day(0), [visit(ANNA, day(0))]))
    _as_a_stranger(path, f"DELETE FROM {VISITS}")
    with pytest.raises(DataError, match="2025-03-01: rows 0 in the new file, 1"):
        put(path, fetched(tmp_path, VISITS, day(1), []))


@pytest.mark.parametrize(
    ("rows", "ledger", "message"),
    [
        ([letter(ANNA, day(0), seconds=3), letter(BERT, day(0))], {"read": 2}, "read 1 in the new file, 2 in gold"),
        (
            [(ANNA, "hello", day(0), True, None)],
            {"read": 1, "unread_answers": 0},
            "unread_answers 1 in the new file, 0",
        ),
    ],
)
def test_every_line_of_every_table_is_compared(
    path: Path, tmp_path: Path, rows: list[Row], ledger: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=f"letters_per_day 2025-03-01: {message}"):
        put(path, fetched(tmp_path, LETTERS, day(0), rows, **ledger))
    assert not path.exists()


def test_gold_of_an_older_daybook_is_loaded_by_the_lines_that_it_has(path: Path, tmp_path: Path) -> None:
    rows = [visit(ANNA, day(0), visits=-1, messages=3)]
    put(path, fetched(tmp_path, VISITS, day(0), rows, messages=3, users=1))
    assert ask(path, f"SELECT visits FROM {VISITS}") == [(-1,)]


def _as_a_stranger(path: Path, statement: str) -> None:
    path.chmod(0o644)
    with duckdb.connect(str(path)) as db:
        db.execute(statement)
