"""`day_status`: what may be used, reckoned again in plain Python; a file says it of just the figures it holds."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import duckdb
import pytest

from daybook import days
from daybook.contracts.gold_model import GoldTable
from daybook.errors import UsageError
from daybook.warehouse import day_origins, file_settings
from daybook.warehouse.history import Load
from daybook.warehouse.tabledays import Making, TableDay, Version
from tests.kit import warehouse as kit
from tests.kit.warehouse import (
    ANNA,
    LETTERS,
    PUBLISHED_AT,
    TABLES,
    VISITS,
    MemoryStore,
    ask,
    day,
    visit,
    without_rows,
)

FIGURES = [table for table in TABLES if not table.is_ledger]
SPAN = 9  # days
LOADED_AT = datetime(2025, 4, 1)
STATUS = """
    SELECT table_name, date, is_loaded, is_complete, is_final, final_after, waiting_for FROM day_status ORDER BY ALL
"""

Status = tuple[str, date, bool, bool | None, bool | None, date, list[date]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "analytics.duckdb"


def load(store: MemoryStore, path: Path, *days: date, first_day: date | None = None) -> bool:
    remember = {"first_day": str(first_day)} if first_day else {}
    return kit.load(store, path, days, remember=remember)


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the views, and nothing in its tables."""
    with without_rows() as db:
        yield db


def status_of(
    db: duckdb.DuckDBPyConnection,
    facts: Mapping[TableDay, Making | None],
    first_day: date | None = None,
    incomplete: Collection[date] = (),
) -> list[Status]:
    """What the view says in a file that holds these table-days, and ledgers of the `incomplete` days."""
    db.execute("DROP TABLE day_origins; DROP TABLE file_settings; DELETE FROM source_ledger_per_day")
    for of in incomplete:
        values = [of, "events", 1, 1, 1, 0, 0, False, None]
        db.execute("INSERT INTO source_ledger_per_day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    known = {of: fact for of, fact in facts.items() if fact}
    day_origins.write(db, [Load(LOADED_AT, of, Version(1, '"e"', 0)) for of in facts], known)
    file_settings.write(db, {file_settings.FIRST_DAY: str(first_day)} if first_day else {})
    return db.execute(STATUS).fetchall()


def read_by(table: GoldTable, of: date) -> set[date]:
    return {on for name in table.reads for on in table.days_read(name, [of])}


def reckoned(there: Collection[date], incomplete: Collection[date], first_day: date | None) -> list[Status]:
    """The same, by what the words mean: days were run in any order, and neighbours restated each time."""
    found: list[Status] = []
    first_day = min(first_day, *there) if first_day else None  # a day that is there was not before the first
    for table in FIGURES:
        for of in there:
            read = read_by(table, of)
            absent = {on for on in read - set(there) if not (first_day and on < first_day)}
            again = read & set(incomplete)
            final: bool | None = True
            if any(on < max(there) for on in absent):
                final = None
            if any(on > max(there) for on in absent) or again:
                final = False
            found.append((table.name, of, True, not again, final, max(read), sorted(absent | again)))
        for hole in set(days.through(min(there), max(there))) - set(there):
            if not (first_day and hole < first_day):
                found.append((table.name, hole, False, None, None, max(read_by(table, hole)), [hole]))
    return sorted(found, key=lambda row: row[:2])


@pytest.mark.parametrize("seed", range(100))
def test_final_is_what_no_run_of_another_day_can_change_in_any_order_of_days_with_gaps(
    seed: int, database: duckdb.DuckDBPyConnection
) -> None:
    random = Random(seed)
    there = random.sample([day(n) for n in range(SPAN)], random.randint(1, SPAN))
    incomplete = [on for on in there if random.random() < 0.15]
    first_day = random.choice([None, min(there), day(1), day(SPAN + 9)])
    made = [TableDay(table.name, on) for table in FIGURES for on in there]
    random.shuffle(made)
    contracts = {table.name: table for table in FIGURES}
    facts: dict[TableDay, Making | None] = {}
    for of in made:
        read = read_by(contracts[of.table], of.day)
        absent = tuple(sorted(read - set(there)))
        facts[of] = Making(PUBLISHED_AT, not read & set(incomplete), absent, {})
    assert status_of(database, facts, first_day, incomplete) == reckoned(there, incomplete, first_day)


def test_a_table_day_of_which_nothing_is_known_says_nothing(database: duckdb.DuckDBPyConnection) -> None:
    assert status_of(database, {TableDay(VISITS, day(0)): None}) == [
        (VISITS, day(0), True, None, None, day(1), []),
        (LETTERS, day(0), False, None, None, day(2), [day(0)]),
    ]


def test_times_are_instants_and_a_first_version_is_no_restatement(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(tmp_path)
    store.publish(VISITS, day(0), [], version=2)
    store.publish(LETTERS, day(0), [])
    load(store, path, day(0))
    query = (
        "SELECT version, restated_at, loaded_at > restated_at, typeof(loaded_at) FROM day_status ORDER BY table_name"
    )
    [first, second] = ask(path, query)
    assert first == (2, PUBLISHED_AT, True, "TIMESTAMP WITH TIME ZONE")
    assert second[:2] == (1, None)


def test_the_share_of_rejected_rows_is_that_of_the_tables_a_figure_reads(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(tmp_path)
    store.publish_all(day(0))
    store.publish_all(day(1))
    rows = [
        (day(0), "events", 4, 4, 3, 1, 0, True, datetime(2025, 3, 2, tzinfo=UTC)),
        (day(0), "letters", None, 0, 0, 0, 0, True, None),
    ]
    store.publish("source_ledger_per_day", day(0), rows, read=4, clean=3, refused=1, unaccounted=0, unread=0)
    load(store, path, day(0), day(1))
    query = "SELECT date, table_name, rejected_share, has_ledger FROM day_status WHERE table_name NOT LIKE 'source%'"
    assert ask(path, f"{query} ORDER BY ALL") == [
        (day(0), VISITS, 0.25, True),
        (day(0), LETTERS, 0.0, True),
        (day(1), VISITS, None, False),
        (day(1), LETTERS, None, False),
    ]


def test_the_views_of_the_figures_say_of_each_row_whether_it_is_final(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(tmp_path)
    store.publish(VISITS, day(0), [visit(ANNA, day(0))], absent=[day(-1)])
    store.publish(VISITS, day(1), [visit(ANNA, day(1))], absent=[day(2)])
    store.publish(LETTERS, day(0), [])
    store.publish(LETTERS, day(1), [])
    load(store, path, day(0), day(1))
    final = "SELECT date, is_final FROM visits_per_day ORDER BY ALL"
    assert ask(path, final) == [(day(0), None), (day(1), False)]
    assert load(store, path, day(0), first_day=day(0)), "another first day makes another file"
    assert ask(path, final) == [(day(0), True), (day(1), False)]
    assert not load(store, path, day(0)), "the file remembers it"
    store.publish(VISITS, day(1), [visit(ANNA, day(1))], version=2)
    assert load(store, path, day(1))
    assert ask(path, final) == [(day(0), True), (day(1), True)]


OLDER = """
    DROP VIEW visits_per_day; DROP VIEW letters_per_day_seconds; DROP VIEW day_status; DROP TABLE day_origins;
    DROP TABLE file_settings; DROP TABLE source_ledger_per_day; DROP TABLE rejected_rows_per_day;
"""


def test_a_file_that_an_older_daybook_made_gets_what_it_lacks_and_keeps_its_history(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(tmp_path)
    store.publish_all(day(-2))
    store.publish(VISITS, day(0), [visit(ANNA, day(0))], absent=[day(1)])
    store.publish(LETTERS, day(0), [])
    load(store, path, day(-2))
    load(store, path, day(0))
    history = ask(path, "SELECT * EXCLUDE (is_current) FROM load_history")
    with duckdb.connect(str(_writable(path))) as db:
        db.execute(OLDER + f"ALTER TABLE {LETTERS} DROP time_to_answer")
    store.publish(LETTERS, day(-2), [], version=2)
    store.downloads = []
    assert load(store, path, day(0)), "it lacks something"
    assert [uri.split("/")[3:5] for uri in store.downloads] == [[LETTERS, str(day(-2))]]
    assert ask(path, "SELECT * EXCLUDE (is_current) FROM load_history")[:4] == history
    assert ask(path, "SELECT date, is_final FROM visits_per_day ORDER BY date") == [(day(-2), True), (day(0), False)]
    assert ask(path, "SELECT table_name, date FROM day_status WHERE is_final ORDER BY date, table_name") == [
        (VISITS, day(-2)),
        (LETTERS, day(-2)),
        (LETTERS, day(0)),
    ]
    assert ask(path, "SELECT count(time_to_answer_seconds) FROM letters_per_day_seconds") == [(0,)]
    assert not load(store, path, day(0)), "it lacks nothing now"


def test_a_file_whose_view_knows_no_missing_days_gets_it_with_the_next_load(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(tmp_path)
    for offset in (0, 2):
        store.publish_all(day(offset))
        load(store, path, day(offset))
    with duckdb.connect(str(_writable(path))) as db:
        older = "SELECT table_name, ds AS date, true AS is_final FROM day_origins"
        db.execute(f"CREATE OR REPLACE VIEW day_status AS {older}")
        db.execute(f"UPDATE file_settings SET value = 'older' WHERE name = '{file_settings.LAYOUT}'")
    assert load(store, path, day(2)), "nothing in gold has changed, but the view has"
    assert ask(path, "SELECT date, table_name FROM day_status WHERE NOT is_loaded ORDER BY ALL") == [
        (day(1), VISITS),
        (day(1), LETTERS),
    ]
    assert not load(store, path, day(2))


@pytest.mark.parametrize("first_day", [None, day(2)])
def test_a_table_that_the_file_lacks_between_its_days_has_a_row_that_says_so(
    first_day: date | None, tmp_path: Path, path: Path
) -> None:
    store = MemoryStore(tmp_path)
    for offset in (0, 4):
        store.publish_whole(day(offset))
        load(store, path, day(offset), first_day=first_day)
    store.publish(VISITS, day(3), [visit(ANNA, day(3))])
    store.publish(VISITS, day(5), [])
    kit.load(store, path, [], rebuild=True)
    lacking = "FROM day_status WHERE NOT is_loaded ORDER BY date, table_name"
    expected = [(day(1), VISITS), (day(1), LETTERS), (day(2), VISITS), (day(2), LETTERS), (day(3), LETTERS)]
    expected = [*expected, (day(5), LETTERS)]
    assert ask(path, f"SELECT date, table_name {lacking}") == expected, "a first day after others takes none away"
    unknown = "is_complete, is_final, version, restated_at, loaded_at, rejected_share"
    assert set(ask(path, f"SELECT {unknown} {lacking}")) == {(None,) * 6}
    assert all(ask(path, f"SELECT waiting_for = [date] AND NOT has_ledger AND final_after > date {lacking}"))
    there = f"SELECT is_loaded, is_final FROM day_status WHERE date = '{day(3)}' AND table_name = '{VISITS}'"
    assert ask(path, there) == [(True, True)], "the figures that are there are what they will be"


def test_a_file_of_another_first_release_without_history_is_no_warehouse(tmp_path: Path, path: Path) -> None:
    store = MemoryStore(tmp_path)
    store.publish_all(day(0))
    load(store, path, day(0))
    with duckdb.connect(str(_writable(path))) as db:
        db.execute(OLDER + "DROP TABLE load_history")
    with pytest.raises(UsageError, match="table load_history: missing"):
        load(store, path, day(0))


def _writable(path: Path) -> Path:
    path.chmod(0o644)
    return path
