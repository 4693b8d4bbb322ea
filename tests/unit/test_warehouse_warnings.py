"""`day_warnings`: what is out of the ordinary is told, and stops a load where that is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts.checks import SETTINGS
from daybook.errors import DataError
from daybook.warehouse import day_origins, file_settings, history
from daybook.warehouse.history import Load
from daybook.warehouse.tabledays import Making, TableDay, Version
from tests.kit import warehouse as kit
from tests.kit.warehouse import ANNA, PUBLISHED_AT, VISITS, MemoryStore, ask, day, visit, without_rows

READ_AT = datetime(2025, 4, 1, tzinfo=UTC)
TODAY = 28  # the last of four weeks and a day
Found = list[tuple[Any, ...]]


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the views, and nothing in its tables."""
    with without_rows() as db:
        yield db


def ledger(on: date, clean: int, rejected: int = 0, table: str = "letters") -> tuple[Any, ...]:
    return (on, table, None, clean + rejected, clean, rejected, 0, True, READ_AT)


def insert(db: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def keep(db: duckdb.DuckDBPyConnection, told: Mapping[str, str]) -> None:
    db.execute("DROP TABLE file_settings")
    file_settings.write(db, told)


def warned(db: duckdb.DuckDBPyConnection, what: str = "limit_name, value, usual") -> Found:
    return db.execute(f"SELECT {what} FROM day_warnings WHERE date = ? ORDER BY ALL", [day(TODAY)]).fetchall()


def weeks(db: duckdb.DuckDBPyConnection, today: tuple[int, int], clean: int = 120, rejected: int = 8) -> None:
    """Four even weeks, and today's clean and rejected rows."""
    insert(db, "source_ledger_per_day", [ledger(day(n), clean, rejected) for n in range(TODAY)])
    insert(db, "source_ledger_per_day", [ledger(day(TODAY), *today)])


@pytest.mark.parametrize(
    ("today", "found"),
    [
        ((104, 24), []),  # three times as many are within the limit
        ((103, 25), [("rejected", 25 / 128, 8 / 128)]),
        ((60, 2), []),  # just a half
        ((59, 2), [("rows", 59.0, 120.0)]),
        ((240, 10), []),  # just twice
        ((241, 10), [("rows", 241.0, 120.0)]),
        ((0, 0), [("rows", 0.0, 120.0)]),
    ],
)
def test_a_share_or_a_number_of_rows_beyond_its_limit_is_told(
    db: duckdb.DuckDBPyConnection, today: tuple[int, int], found: Found
) -> None:
    weeks(db, today)
    assert warned(db) == found


def test_few_rejected_rows_are_no_matter_and_usual_is_the_median(db: duckdb.DuckDBPyConnection) -> None:
    weeks(db, (95, 4), rejected=0)
    assert warned(db) == []
    db.execute("DELETE FROM source_ledger_per_day")
    weeks(db, (95, 5), rejected=0)
    assert warned(db) == [("rejected", 0.05, 0.0)]
    db.execute("UPDATE source_ledger_per_day SET rejected_rows = 9000 WHERE date IN (?, ?)", [day(1), day(2)])
    assert warned(db) == [("rejected", 0.05, 0.0)], "two bad days do not make bad days usual"


def test_a_day_is_compared_with_the_same_weekday(db: duckdb.DuckDBPyConnection) -> None:
    sundays = [n for n in range(TODAY + 1) if day(n).isoweekday() == day(TODAY).isoweekday()]
    insert(db, "source_ledger_per_day", [ledger(day(n), 10 if n in sundays else 100) for n in range(TODAY + 1)])
    assert db.execute("SELECT * FROM day_warnings").fetchall() == []


def test_a_day_without_a_row_is_told_where_there_never_was_one(db: duckdb.DuckDBPyConnection) -> None:
    insert(db, "source_ledger_per_day", [ledger(day(TODAY - n), 7) for n in range(1, 8)])
    insert(db, "source_ledger_per_day", [ledger(day(TODAY), 0)])
    assert warned(db, "limit_name, warning") == [("rows", "letters: not a row, and no day before was without")]
    db.execute("UPDATE source_ledger_per_day SET silver_rows = 0 WHERE date = ?", [day(TODAY - 3)])
    assert warned(db) == []


def test_a_reason_is_new_if_four_weeks_have_not_seen_it(db: duckdb.DuckDBPyConnection) -> None:
    weeks(db, (95, 5))
    of_today = [(day(TODAY), "letters", reason, 2) for reason in ("text:missing", "date:implausible", "id:not_a_uuid")]
    before = [(day(0), "letters", "date:implausible", 1), (day(-1), "letters", "id:not_a_uuid", 1)]
    insert(db, "rejected_rows_per_day", [*of_today, *before, (day(9), "events", "text:missing", 1)])
    assert warned(db, "source_table, reason, warning") == [
        ("letters", "id:not_a_uuid", "letters: 2 rows rejected for id:not_a_uuid, not seen for 28 days"),
        ("letters", "text:missing", "letters: 2 rows rejected for text:missing, not seen for 28 days"),
    ]


def test_with_too_few_days_before_nothing_is_usual_and_nothing_told(db: duckdb.DuckDBPyConnection) -> None:
    insert(db, "source_ledger_per_day", [ledger(day(TODAY - n), 100) for n in range(1, 7)])
    insert(db, "source_ledger_per_day", [ledger(day(TODAY), 0, 50)])
    insert(db, "rejected_rows_per_day", [(day(TODAY), "letters", "text:missing", 50)])
    assert warned(db) == []


@pytest.mark.parametrize(("newest", "found"), [(TODAY - 7, []), (TODAY - 8, [("rates", 8.0, 7.0)])])
def test_rates_of_which_the_newest_is_old_are_told(db: duckdb.DuckDBPyConnection, newest: int, found: Found) -> None:
    origin = {"valid_from": {"USD": str(day(newest)), "GBP": str(day(-100))}}
    of, plain = TableDay(VISITS, day(TODAY)), TableDay("letters_per_day", day(TODAY))
    db.execute("DROP TABLE day_origins")
    facts = {of: Making(PUBLISHED_AT, True, (), origin), plain: Making(PUBLISHED_AT, True, (), {"valid_from": {}})}
    loads = [Load(datetime(2025, 4, 1), each, Version(1, '"e"', 0)) for each in (of, plain)]
    day_origins.write(db, [*loads, Load(datetime(2025, 4, 1), TableDay(VISITS, day(0)), Version(1, '"e"', 0))], facts)
    assert warned(db) == found


@pytest.mark.parametrize(
    ("rows", "clean", "found"),
    [(4, 100, []), (5, 5000, []), (5, 4999, [("repeated", 5.0, 0.0)]), (0, 100, []), (None, 100, [])],
)
def test_more_than_a_thousandth_of_rows_delivered_again_is_told(
    db: duckdb.DuckDBPyConnection, rows: int | None, clean: int, found: Found
) -> None:
    origin: dict[str, Any] = {"valid_from": {}} | ({} if rows is None else {"tallies": {"repeated_purchases": rows}})
    insert(db, "source_ledger_per_day", [ledger(day(TODAY), clean, table="user_purchases")])
    of = TableDay(VISITS, day(TODAY))
    db.execute("DROP TABLE day_origins")
    loads = [Load(datetime(2025, 4, 1), of, Version(1, '"e"', 0))]
    day_origins.write(db, loads, {of: Making(PUBLISHED_AT, True, (), origin)})
    assert warned(db) == found
    words = "user_purchases: 5 rows have keys of the day before and are not counted again"
    assert warned(db, "source_table, warning") == [("user_purchases", words)][: len(found)]


def test_limits_are_those_that_the_file_was_told(db: duckdb.DuckDBPyConnection) -> None:
    weeks(db, (40, 16))
    assert [name for name, *_ in warned(db)] == ["rejected", "rows"]
    keep(db, {"limit_rejected_factor": "6"})
    assert [name for name, *_ in warned(db)] == ["rows"]
    keep(db, {"limit_rejected_rows": "17", "limit_rows_factor": "3"})
    assert warned(db) == []


def test_dates_that_only_the_other_order_reads_are_told_each_day_and_as_no_new_reason(
    db: duckdb.DuckDBPyConnection,
) -> None:
    weeks(db, (118, 3))
    rejected = [(day(n), "letters", "sent_at:date_order", 3) for n in (TODAY - 1, TODAY)]
    insert(db, "rejected_rows_per_day", [*rejected, (day(TODAY), "letters", "sent_at:type", 3)])
    line = (
        "letters: 3 rows rejected, whose sent_at is a date in the other order of day and month (DAYBOOK_DATE_ORDER): "
        "others of the day may have been read with the two exchanged"
    )
    found = warned(db, "limit_name, source_table, reason, value, usual, warning")
    assert found[0] == ("date_order", "letters", "sent_at:date_order", 3.0, 0.0, line)
    assert [name for name, *_ in found] == ["date_order", "reason"], "what is of no type is a reason as before"


Origins = Mapping[int, Mapping[str, Any]]


def made_from(db: duckdb.DuckDBPyConnection, origins: Origins, rows: int = 5, table: str = VISITS) -> None:
    """Table-days with so many rows, by the number of their day, and what their manifests tell of their making."""
    db.execute("DROP TABLE IF EXISTS day_origins; DROP TABLE IF EXISTS load_history")
    loads = [Load(datetime(2025, 4, 1), TableDay(table, day(n)), Version(1, '"e"', rows)) for n in origins]
    facts = {TableDay(table, day(n)): Making(PUBLISHED_AT, True, (), origin) for n, origin in origins.items()}
    day_origins.write(db, loads, facts)
    history.write(db, loads)


def states(**rows: int | tuple[int, int]) -> Mapping[str, Any]:
    """An origin that tells of states, each by its rows, or by them and by those that look like it."""
    counts = {state: of if isinstance(of, tuple) else (of, 0) for state, of in rows.items()}
    return {"states": {state: {"rows": number, "alike": like} for state, (number, like) in counts.items()}}


OPENED = "no row of 28 days has the state OPENED of DAYBOOK_SUCCESS_STATES"


def test_a_state_of_the_setting_that_seven_days_do_not_have_is_told(db: duckdb.DuckDBPyConnection) -> None:
    made_from(db, {n: states(READ=4, OPENED=0) for n in range(TODAY - 5, TODAY + 1)})
    assert warned(db) == [], "six days are too few"
    made_from(db, {n: states(READ=4, OPENED=0) for n in range(TODAY - 6, TODAY + 1)})
    assert warned(db, "limit_name, source_table, reason, value, usual, warning") == [
        ("states", None, "OPENED", 0.0, None, OPENED)
    ]
    days = {n: states(READ=int(n == 1), OPENED=3) for n in range(1, TODAY + 1)}
    made_from(db, days)
    assert warned(db) == [], "within 28 days, this one among them, it has occurred"
    made_from(db, {**days, 0: states(READ=7, OPENED=3), 1: states(READ=0, OPENED=3)})
    assert warned(db, "reason") == [("READ",)], "before them, too: longer ago"


def test_a_state_that_came_into_the_setting_this_week_is_waited_for(db: duckdb.DuckDBPyConnection) -> None:
    before = {n: states(READ=4) for n in range(TODAY - 5)}
    made_from(db, before | {n: states(READ=4, SEEN=0) for n in range(TODAY - 5, TODAY + 1)})
    assert warned(db) == []


def test_not_one_success_state_is_told_from_the_first_day_with_a_sending(db: duckdb.DuckDBPyConnection) -> None:
    none = "no row of 28 days has one of DAYBOOK_SUCCESS_STATES (OPENED, READ): look at the states in the sources"
    for days in (1, 7, 28):
        made_from(db, {n: states(READ=0, OPENED=0) for n in range(TODAY - days + 1, TODAY + 1)})
        assert warned(db, "limit_name, reason, warning") == [("states", None, none)], "and no line for each"
        made_from(db, {n: states(READ=0, OPENED=0) for n in range(TODAY - days + 1, TODAY + 1)}, rows=0)
        assert warned(db) == [], "where nothing was sent, nothing can be opened"


def test_states_that_look_like_one_of_the_setting_are_told(db: duckdb.DuckDBPyConnection) -> None:
    made_from(db, {TODAY: states(CLICKED=(2, 12), READ=9)})
    assert warned(db, "limit_name, reason, value, usual, warning") == [
        (
            "alike_states", "CLICKED", 12.0, 0.0,
            "12 rows have a state that looks like CLICKED and is none of DAYBOOK_SUCCESS_STATES",
        )
    ]  # fmt: skip


def test_days_of_an_older_daybook_tell_nothing_of_states(db: duckdb.DuckDBPyConnection) -> None:
    made_from(db, {n: {"own": {"settings": {}}, "inputs": {}} for n in range(TODAY + 1)} | {3: {}})
    assert warned(db) == []


def under(silver: Mapping[str, str] | None = None, **own: str) -> Mapping[str, Any]:
    """An origin of a day that was made under these settings, its silver under those."""
    inputs = {f"s3a://silver/letters/{n}/_MANIFEST.json": {"settings": silver or {}} for n in range(2)}
    return {"own": {"meaning_version": 1, "settings": own}, "inputs": inputs}


IN_EUR, IN_USD = under(DAYBOOK_REPORTING_CURRENCY="EUR"), under(DAYBOOK_REPORTING_CURRENCY="USD")


def test_a_day_made_under_another_setting_than_days_before_it_is_told(db: duckdb.DuckDBPyConnection) -> None:
    line = f"DAYBOOK_REPORTING_CURRENCY is another than before {day(TODAY - 2)}: figures from before and after do not"
    made_from(db, {TODAY - 9: IN_EUR, TODAY - 2: IN_USD, TODAY: IN_USD})
    [found] = warned(db, "limit_name, source_table, reason, value, usual, warning")
    assert found == ("settings", None, "DAYBOOK_REPORTING_CURRENCY", 2.0, None, f"{line} compare")
    made_from(db, {TODAY - 9: IN_USD, TODAY - 2: IN_USD, TODAY: IN_USD})
    assert warned(db) == [], "history was made again"
    made_from(db, {n: IN_EUR if n < 0 else IN_USD for n in range(-3, TODAY + 1)})
    assert warned(db) == [], "28 days ago"
    assert [name for (name,) in db.execute("SELECT limit_name FROM day_warnings").fetchall()] == ["settings"] * 28


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_setting_that_changes_a_meaning_is_told_where_it_changes(
    db: duckdb.DuckDBPyConnection, setting: str
) -> None:
    made_from(db, {TODAY - 1: under({setting: "1"}, **{setting: "1"}), TODAY: under({setting: "2"}, **{setting: "2"})})
    assert warned(db, "limit_name, reason") == [("settings", setting)]


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ({"DAYBOOK_ID_NAMESPACE": "None"}, {"DAYBOOK_ID_NAMESPACE": "a"}, ["DAYBOOK_ID_NAMESPACE"]),
        ({}, {"DAYBOOK_DATE_ORDER": "month_first"}, ["DAYBOOK_DATE_ORDER"]),
        ({"DAYBOOK_DATE_ORDER": "month_first"}, {}, ["DAYBOOK_DATE_ORDER"]),
        # a contract has it that had it not: nobody has set anything
        ({}, {"DAYBOOK_AMOUNT_LIMIT": "1000000"}, []),
    ],
)
def test_a_setting_of_silver_is_told_too_and_one_that_is_younger_than_the_file(
    db: duckdb.DuckDBPyConnection, before: Mapping[str, str], after: Mapping[str, str], named: list[str]
) -> None:
    made_from(db, {TODAY - 1: under(before), TODAY: under(after)})
    assert [reason for (reason,) in warned(db, "reason")] == named
    assert not any('"a"' in line or " a " in line for (line,) in warned(db, "warning")), "its value is not told"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "analytics.duckdb"


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """A week in gold, and a day after it without a row."""
    store = MemoryStore(tmp_path)
    for n in range(8):
        store.publish_whole(day(n), clean=0 if n == 7 else 9)
    return store


def load(store: MemoryStore, path: Path, *days: date, stop: bool = False, **remember: str) -> bool:
    return kit.load(store, path, days, stop=stop, remember=remember)


def test_a_load_tells_of_the_days_that_it_brings(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = "2025-03-08  letters: not a row, and no day before was without"
    load(store, path, *map(day, range(8)))
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [line]
    caplog.clear()
    store.publish(VISITS, day(7), [], version=2)
    assert load(store, path, day(7)), "a figure is restated"
    assert "warning" not in caplog.text, "it has been told"


def test_a_load_that_is_to_stop_at_limits_leaves_the_file_as_it_was_and_says_how_to_go_on(
    store: MemoryStore, path: Path
) -> None:
    load(store, path, *map(day, range(7)), stop=True)
    before = path.read_bytes()
    then = "look, and if it is right: DAYBOOK_LIMIT_ACTION=warn python jobs/load_duckdb.py --ds 2025-03-08"
    with pytest.raises(DataError, match="2025-03-08 is out of the ordinary, and not loaded: letters: not a") as stopped:
        load(store, path, day(7), stop=True)
    assert (stopped.value.then, path.read_bytes()) == (then, before)
    assert load(store, path, day(7))
    assert ask(path, "SELECT count(*) FROM day_warnings") == [(1,)]
    store.publish(VISITS, day(7), [], version=2)
    assert load(store, path, day(7), stop=True), "it has been looked at"
    assert kit.load(store, path, [], stop=True, rebuild=True), "and a rebuild asks for no day"


RECURRING = [
    ({n: states(READ=4, OPENED=0) for n in range(9)}, 6, OPENED),
    ({n: states(CLICKED=(4, int(n > 3))) for n in range(9)}, 4, "1 rows have a state that looks like CLICKED"),
    ({n: IN_EUR if n < 4 else IN_USD for n in range(9)}, 4, "DAYBOOK_REPORTING_CURRENCY is another than before"),
]


@pytest.mark.parametrize(("origins", "first", "told"), RECURRING)
def test_what_recurs_day_by_day_stops_the_first_day_alone_and_is_told_of_each(
    tmp_path: Path, path: Path, caplog: pytest.LogCaptureFixture, origins: Origins, first: int, told: str
) -> None:
    store = MemoryStore(tmp_path)
    for n in range(9):
        publish(store, day(n), origins[n])
        caplog.clear()
        if n == first:
            with pytest.raises(DataError, match=f"^{day(n)} is out of the ordinary, and not loaded: {told}"):
                load(store, path, day(n), stop=True)
        assert load(store, path, day(n), stop=n != first)
        assert (f"{day(n)}  {told}" in caplog.text) == (n >= first)


def publish(store: MemoryStore, on: date, origin: Mapping[str, Any], version: int = 1) -> None:
    """A whole day, or another version of its figures, of that origin."""
    if version == 1:
        store.publish_whole(on)
    made = {"inputs": {}, "own": {}, **origin}
    store.publish(VISITS, on, [visit(ANNA, on)], version=version, origin=made, messages=0)


@pytest.mark.parametrize(("origins", "first", "told"), RECURRING[1:])
def test_the_day_before_that_the_same_night_restates_has_not_been_looked_at(
    tmp_path: Path, path: Path, origins: Origins, first: int, told: str
) -> None:
    """Another setting: its first night makes the figures of the day before under it, too, and not its ledgers."""
    store = MemoryStore(tmp_path)
    for n in range(first):
        publish(store, day(n), origins[n])
        load(store, path, day(n), stop=True)
    publish(store, day(first), origins[first])
    publish(store, day(first - 1), origins[first], version=2)
    with pytest.raises(DataError, match=f"^{day(first)} is out of the ordinary, and not loaded: {told}"):
        load(store, path, day(first), stop=True)


def test_the_file_remembers_its_limits(store: MemoryStore, path: Path) -> None:
    load(store, path, *map(day, range(8)), limit_rows_factor="9")
    assert not load(store, path, day(7))
    assert load(store, path, day(7), limit_rows_factor="8")
    assert ask(path, "SELECT value FROM file_settings WHERE name = 'limit_rows_factor'") == [("8",)]
