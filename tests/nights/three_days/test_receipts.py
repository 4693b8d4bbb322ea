"""Receipts of real runs: what a load changed is told figure by figure, with the cause that there really was."""

import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import FIGURE_TABLES
from local.demo.proof import Proof
from tests.kit.harness import FIRST, RANGE, Daybook, Driver

ACTIVITY = "global_user_activity_per_day"
DAYS = [date(2025, 3, day) for day in (1, 2, 3)]


def ask(path: Path, query: str) -> list[Any]:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def changed_days(before: Path, after: Path) -> dict[tuple[str, date], tuple[int, int]]:
    """Table-days that both files hold and that differ: rows that went and that came, compared in Python."""
    found = {}
    for table in FIGURE_TABLES:
        day = table.column_names.index(table.day_column)
        old, new = (Counter(ask(path, f"FROM {table.name}")) for path in (before, after))
        for each in {row[day] for row in old} & {row[day] for row in new}:
            gone, came = ({row: n for row, n in rows.items() if row[day] == each} for rows in (old - new, new - old))
            if gone or came:
                found[table.name, each] = (sum(gone.values()), sum(came.values()))
    return found


@pytest.fixture(scope="module")
def files(daybook: Daybook, proof: Proof, driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The warehouse after each of three loads of gold: made, made under other settings, and made so again by force."""
    folder = tmp_path_factory.mktemp("receipts")
    own = {"DAYBOOK_GOLD": f"{daybook.lake.gold}/test_receipts", "DUCKDB_PATH": str(folder / "live.duckdb")}
    own |= {"DAYBOOK_FIRST_DAY": FIRST}
    other = {"DAYBOOK_ATTRIBUTION_HOURS": "1", "DAYBOOK_MAX_GAP_HOURS": "1"}
    kept: dict[str, Path] = {}
    for name, settings, force in (("first", {}, ()), ("setting", other, ()), ("forced", other, ("--force",))):
        made = driver.run("gold", *RANGE, *force, **own, **settings)
        assert made.code == 0, made.output
        loaded = daybook.load(*RANGE, **own)
        assert loaded.code == 0, loaded.output
        kept[name] = folder / f"{name}.duckdb"
        shutil.copy(folder / "live.duckdb", kept[name])
    return kept


@pytest.mark.parametrize(("load", "earlier"), [("setting", "first"), ("forced", "setting")])
def test_a_receipt_is_given_for_just_the_days_that_changed_with_their_cause(
    files: dict[str, Path], load: str, earlier: str
) -> None:
    told = ask(
        files[load],
        "SELECT table_name, date, causes, rows_removed, rows_added, before, change, after FROM restatements"
        " WHERE loaded_at = (SELECT max(loaded_at) FROM load_history)",
    )
    changed = changed_days(files[earlier], files[load])
    assert {(table, day): (removed, added) for table, day, _, removed, added, *_ in told} == changed
    assert {tuple(causes) for _, _, causes, *_ in told} == ({(load,)} if changed else set())
    assert all(before + change == after for *_, before, change, after in told)
    assert bool(changed) is (load != "forced"), "the same again is no restatement"


def test_a_first_load_gives_none_and_a_later_one_says_what_was_final(files: dict[str, Path]) -> None:
    assert ask(files["first"], "FROM restatements") == []
    told = dict(ask(files["setting"], f"SELECT date, was_final FROM restatements WHERE table_name = '{ACTIVITY}'"))
    assert told == dict(zip(DAYS, (True, True, False), strict=True))
