"""notebooks/ask.py on a file with all real tables: it is well made, shows what the file holds, and notices a change."""

import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import GOLD_TABLES
from tests.kit import fortnight, notebook
from tests.kit.notebook import NOTEBOOK, run
from tests.kit.warehouse import ANNA, BERT


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fortnight")
    return fortnight.fill(folder / "analytics.duckdb", folder)


@pytest.fixture(scope="module")
def shown(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Of all the fortnight."""
    return notebook.shown(path)


def test_it_is_well_made(path: Path) -> None:
    done = run(path, "-m", "marimo", "check", "--strict", NOTEBOOK)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_runs_from_top_to_bottom(path: Path) -> None:
    done = run(path, NOTEBOOK)
    assert done.returncode == 0, done.stderr


def test_it_says_first_of_each_day_whether_it_may_be_used(shown: dict[str, Any]) -> None:
    asked = re.findall(r"FROM (\w+_per_day|day_status) WHERE", NOTEBOOK.read_text())
    assert asked[0] == "day_status" and len(asked) > 5
    assert len(shown["status"]) == len(GOLD_TABLES) * len(fortnight.DAYS)
    newest = {row["table_name"]: row for row in shown["status"][: len(GOLD_TABLES)]}
    assert {row["date"] for row in newest.values()} == {str(fortnight.DAYS[-1])}
    assert newest["global_notif_impact_per_day"]["is_final"] is False


def test_its_figures_are_those_of_the_file(shown: dict[str, Any]) -> None:
    users = [len(fortnight.users_of(on)) for on in fortnight.DAYS]
    assert [(day["users"], day["visits"]) for day in shown["visits"]] == [(number, 2 * number) for number in users]
    assert [day["hours"] for day in shown["visits"]] == pytest.approx([number / 3 for number in users])
    assert [day["money"] for day in shown["money"]] == ["19.99"] * 9 + ["20.09"] + ["19.99"] * 4
    rates = [(rate["currency"], rate["rate"], rate["first_day"][-2:], rate["last_day"][-2:]) for rate in shown["rates"]]
    assert rates == [("EUR", "1", "01", "14"), ("USD", "0.95", "01", "07"), ("USD", "0.9", "08", "14")]
    success = {day["weekday"]: (day["days"], day["sent"], round(day["success_rate"], 3)) for day in shown["weekdays"]}
    assert success["Sunday"] == (2, 6, 0) and success["Monday"] == (2, 6, 0.667)


def test_it_names_who_stopped_coming(shown: dict[str, Any]) -> None:
    assert [(user["user_id"], user["last_seen"], user["days_seen"]) for user in shown["stopped"]] == [
        (BERT, "2025-03-07", 7)
    ]


def test_it_shows_what_is_rejected_ever_more(shown: dict[str, Any]) -> None:
    assert len(shown["quality"]) == 9 * len(fortnight.DAYS)
    shares = [row["rejected_share"] for row in shown["quality"] if row["source_table"] == "user_purchases"]
    assert shares == [number / 100 for number in range(14)]
    [reason] = shown["reasons"]
    assert (reason["reason"], reason["newest_day"], reason["worst_day"]) == ("currency:no_rate", 13, 13)
    assert [(told["date"], told["warning"]) for told in shown["unusual"]] == [
        ("2025-03-06", "exchange rates: the newest is 8 days old"),
        ("2025-03-07", "exchange rates: the newest is 9 days old"),
    ]


def test_it_warns_of_time_that_counts_for_several_notifications(shown: dict[str, Any]) -> None:
    [user] = shown["counted_twice"]
    assert (user["user_id"], user["minutes_after_all_added"], user["minutes_there"]) == (ANNA, 400, 280)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("global_user_activity_per_day", "total_money_spend"),
        ("global_notif_impact_per_day", "is_success"),
        ("source_ledger_per_day", "bronze_rows"),
        ("rejected_rows_per_day", "reason"),
        ("day_origins", "origin"),
    ],
)
def test_a_column_of_another_name_fails_it(path: Path, tmp_path: Path, table: str, column: str) -> None:
    done = run(changed(path, tmp_path, f"ALTER TABLE {table} RENAME {column} TO renamed"), NOTEBOOK)
    assert done.returncode != 0 and column in done.stderr


def test_a_ledger_that_does_not_balance_fails_it(path: Path, tmp_path: Path) -> None:
    lost = "UPDATE source_ledger_per_day SET silver_rows = silver_rows - 1 WHERE source_table = 'users'"
    done = run(changed(path, tmp_path, lost), NOTEBOOK)
    assert done.returncode != 0 and "AssertionError" in done.stderr


def changed(path: Path, folder: Path, statement: str) -> Path:
    """A copy of the file in which the statement was run."""
    copy = Path(shutil.copy(path, folder / "changed.duckdb"))
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as warehouse:
        warehouse.execute(statement)
    return copy
