"""The night's message: for whom there is one, and what it says."""

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

# As Airflow finds them, with the DAGs' folder on the path.
from daybook_tasks import message, results, timing
from daybook_tasks.message import Night
from daybook_tasks.results import PageVerdict

BEFORE, DAY = "2025-02-28", "2025-03-01"
FINAL = PageVerdict("final", "Usable and final.")
PROVISIONAL = PageVerdict("provisional", "Usable, provisional.", next="Final after the run for 3 March 2025")
WARNED = PageVerdict("final", "Usable and final.", ("users: 9 % rejected, 4 times the usual",))
RED = PageVerdict("red", "Do not use.", ("gold of 1 March is missing",), "spark-submit jobs/gold.py --ds 2025-03-01")
FAILED = {"silver": "spark-submit jobs/silver.py --ds 2025-03-01"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the warehouse is, and the pages beside it."""
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "analytics.duckdb"))
    return tmp_path / "daybook" / "days"


@pytest.mark.parametrize("verdict", [FINAL, PROVISIONAL, PageVerdict("unknown", "Usable, …")])
def test_a_good_night_is_told_of_only_where_every_night_is(verdict: PageVerdict) -> None:
    night = Night(DAY, DAY, verdicts={DAY: verdict})
    assert message.of(night, "") is None
    assert message.of(night, "always") is not None


@pytest.mark.parametrize(
    "night",
    [
        Night(DAY, DAY, verdicts={DAY: RED}),
        Night(DAY, DAY, verdicts={DAY: WARNED}),
        Night(DAY, DAY, FAILED, {DAY: FINAL}),
        Night(DAY, DAY),
    ],
    ids=["red", "with a warning", "a task failed", "without a page"],
)
@pytest.mark.parametrize("notify", ["", "always"])
def test_a_night_that_is_not_good_is_always_told_of(night: Night, notify: str) -> None:
    assert message.of(night, notify) is not None


def test_the_message_holds_headline_reasons_failed_tasks_the_next_command_and_the_page(folder: Path) -> None:
    assert message.of(Night(DAY, DAY, FAILED, {DAY: RED}), "") == (
        "Daybook 2025-03-01: Do not use. Failed: silver",
        "Do not use.\n"
        "- gold of 1 March is missing\n"
        "failed: silver (the last line of its log says why)\n"
        "next: spark-submit jobs/gold.py --ds 2025-03-01\n"
        f"page: {folder}/2025-03-01.html",
    )


def test_where_the_day_is_not_red_the_failed_task_says_what_is_next(folder: Path) -> None:
    said = message.of(Night(BEFORE, DAY, FAILED, {BEFORE: FINAL, DAY: PROVISIONAL}), "")
    assert said and said[0] == "Daybook 2025-02-28 to 2025-03-01: 2025-03-01: Usable, provisional. Failed: silver"
    assert f"next: {FAILED['silver']}\npage: {folder}/2025-03-01.html" in said[1]
    good = message.of(Night(DAY, DAY, verdicts={DAY: PROVISIONAL}), "always")
    assert good and "next: Final after the run for 3 March 2025\n" in good[1]


@pytest.mark.parametrize(
    ("verdicts", "day", "headline", "others"),
    [
        ({BEFORE: RED, DAY: FINAL}, BEFORE, "Do not use.", []),
        ({BEFORE: WARNED, DAY: PROVISIONAL}, BEFORE, "Usable and final.", []),
        ({BEFORE: RED, DAY: WARNED}, BEFORE, "Do not use.", [DAY]),
        ({BEFORE: RED, DAY: RED}, DAY, "Do not use.", [BEFORE]),
        ({BEFORE: None, DAY: RED}, BEFORE, "The day's page could not be made.", [DAY]),
    ],
)
def test_of_a_range_the_worst_day_counts_and_is_named(
    folder: Path, verdicts: dict[str, PageVerdict | None], day: str, headline: str, others: list[str]
) -> None:
    said = message.of(Night(BEFORE, DAY, verdicts=verdicts), "")
    assert said and said[0] == f"Daybook 2025-02-28 to 2025-03-01: {day}: {headline}"
    lines = said[1].splitlines()
    assert lines[0].startswith(f"{day}: {headline.rstrip('.')}")
    assert [line for line in lines if line.startswith("not good")] == [f"not good, either: {d}" for d in others]
    if verdicts[day]:
        assert lines[-1] == f"page: {folder}/{day}.html"


def test_a_range_whose_days_are_all_good_is_a_good_night() -> None:
    assert message.of(Night(BEFORE, DAY, verdicts={BEFORE: FINAL, DAY: PROVISIONAL}), "") is None


def test_a_night_without_a_page_names_none(folder: Path) -> None:
    assert message.of(Night(DAY, DAY), "") == (
        "Daybook 2025-03-01: The day's page could not be made.",
        "The day's page could not be made: see the log of task page.",
    )


def test_the_verdict_is_read_from_the_facts_beside_the_page(folder: Path) -> None:
    folder.mkdir(parents=True)
    told = {"state": "red", "headline": RED.headline, "reasons": list(RED.reasons), "next": RED.next}
    (folder / f"{DAY}.json").write_text(json.dumps({"format": 1, "day": DAY, "verdict": told, "more": {}}))
    assert results.verdicts(BEFORE, DAY) == {BEFORE: None, DAY: RED}


def test_facts_of_another_format_are_refused(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f"{DAY}.json").write_text('{"format": 2, "verdict": {}}')
    with pytest.raises(ValueError, match=r"2025-03-01.json has format 2, this DAG reads 1"):
        results.verdicts(DAY, DAY)


@pytest.mark.parametrize(
    ("days", "counted"),
    [
        (("2025-03-01", "2025-03-01"), {"a_per_day": 7, "b_per_day": 0, "rejected": 3}),
        (("2025-03-01", "2025-03-02"), {"a_per_day": 12, "b_per_day": 0, "rejected": None}),
        (("2025-03-02", "2025-03-02"), {"a_per_day": 5, "rejected": None}),
    ],
    ids=["a day", "a range, whose rejected rows are not to be added", "a day without ledgers"],
)
def test_the_rows_of_a_day_are_those_that_the_file_holds_now(days: tuple[str, str], counted: dict[str, int]) -> None:
    with duckdb.connect() as db:
        db.execute("""
            CREATE TABLE load_history (table_name VARCHAR, ds DATE, rows BIGINT, is_current BOOLEAN);
            INSERT INTO load_history VALUES ('a_per_day', '2025-03-01', 9, false), ('a_per_day', '2025-03-01', 7, true),
                ('b_per_day', '2025-03-01', 0, true), ('a_per_day', '2025-03-02', 5, true);
            CREATE TABLE source_ledger_per_day (date DATE, source_table VARCHAR, rejected_rows BIGINT);
            INSERT INTO source_ledger_per_day VALUES ('2025-03-01', 'users', 1), ('2025-03-01', 'groups', 2),
                ('2025-02-28', 'users', 50);
        """)
        assert dict(db.execute(results.ROWS, list(days)).fetchall()) == counted


@pytest.mark.parametrize(
    ("connection", "notify", "doubt"),
    [
        (None, "", None),
        ("mail", "", None),
        ("mail", "always", None),
        ("mail", "Always", "DAYBOOK_NOTIFY='Always' is not 'always': a good night is not told of"),
        (None, "always", "DAYBOOK_NOTIFY=always sends nothing: DAYBOOK_NOTIFY_CONN names no connection"),
    ],
)
def test_settings_of_the_message_that_say_two_things_are_doubted(
    connection: str | None, notify: str, doubt: str | None
) -> None:
    assert message.doubt(connection, notify) == doubt


@pytest.mark.parametrize(
    ("settle", "lock", "minutes"),
    [(None, None, 20), ("600", "0", 600), ("1440", "86400", 2880), ("soon", "-1", 20), ("9" * 15, "", 86410)],
)
def test_what_an_extraction_may_wait_is_no_part_of_the_time_that_its_work_is_given(
    settle: str | None, lock: str | None, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("DAYBOOK_SETTLE_MINUTES", settle), ("DAYBOOK_LOCK_WAIT_SECONDS", lock)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert timing.of_an_extraction() == timedelta(minutes=minutes)
