"""What a load brings of days that it was not asked for: restated figures, and whole days, judged; the rest is told."""

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from daybook.errors import DataError
from tests.kit import warehouse as kit
from tests.kit.warehouse import ANNA, LETTERS, ROOT, TABLES, VISITS, MemoryStore, ask, day, letter, visit

ODD = day(7)
ODDITY = "letters: not a row, and no day before was without"
ANYWAY = "look, and if it is right: DAYBOOK_LIMIT_ACTION=warn python jobs/load_duckdb.py --ds 2025-03-08"
HELD = "SELECT table_name FROM load_history WHERE is_current AND ds = ? ORDER BY 1"
ALL = sorted(table.name for table in TABLES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "analytics.duckdb"


@pytest.fixture
def store(tmp_path: Path, path: Path) -> MemoryStore:
    """Nine days in gold, the eighth without a row; the first seven are loaded."""
    store = MemoryStore(tmp_path)
    for n in range(9):
        store.publish_whole(day(n), clean=0 if day(n) == ODD else 9)
    load(store, path, *map(day, range(6)))
    load(store, path, day(6), stop=True)
    return store


def load(store: MemoryStore, path: Path, *days: date, stop: bool = False, rebuild: bool = False) -> bool:
    return kit.load(store, path, days, stop=stop, rebuild=rebuild)


def held(path: Path, on: date) -> list[str]:
    """The tables that the file has of a day: by its history, and, for those that have rows, by these."""
    found = ask(path, HELD.replace("?", f"'{on}'"))
    [(visits, letters)] = ask(
        path,
        f"SELECT (SELECT count(*) FROM {VISITS} WHERE date = '{on}'),"
        f" (SELECT count(*) FROM {LETTERS} WHERE sent_on = '{on}')",
    )
    names = [name for (name,) in found]
    assert (visits > 0, letters > 0) == (VISITS in names, LETTERS in names)
    return names


def warned(caplog: pytest.LogCaptureFixture) -> Sequence[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def test_the_eighth_day_was_the_first_that_a_load_left_out(store: MemoryStore, path: Path) -> None:
    assert held(path, day(6)) == ALL
    assert held(path, ODD) == []


@pytest.mark.parametrize("night", ["stopped", "failed otherwise"])
def test_a_day_that_was_stopped_or_never_loaded_is_judged_by_the_next_night(
    store: MemoryStore, path: Path, night: str, caplog: pytest.LogCaptureFixture
) -> None:
    if night == "stopped":
        with pytest.raises(DataError, match=f"2025-03-08 is out of the ordinary, and not loaded: {ODDITY}"):
            load(store, path, ODD, stop=True)
    caplog.clear()
    assert load(store, path, day(8), stop=True)
    assert (held(path, ODD), held(path, day(8))) == ([], ALL)
    assert warned(caplog) == [f"2025-03-08 is out of the ordinary, and left out: {ODDITY} -- next: {ANYWAY}"]
    query = f"SELECT table_name, waiting_for FROM day_status WHERE date = '{ODD}' AND NOT is_loaded ORDER BY 1"
    assert ask(path, query) == [(VISITS, [ODD]), (LETTERS, [ODD])]
    before = path.stat().st_ino
    assert not load(store, path, day(8), stop=True), "and again there is nothing to do"
    assert path.stat().st_ino == before
    assert load(store, path, ODD)
    assert held(path, ODD) == ALL
    assert not load(store, path, day(8), stop=True), "it has been looked at"
    assert ask(path, "SELECT count(*) FROM day_status WHERE NOT is_loaded") == [(0,)]


def test_an_even_day_that_was_never_loaded_comes_whole_with_the_next(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.publish_whole(ODD, clean=10, version=2)
    caplog.clear()
    assert load(store, path, day(8), stop=True)
    assert (held(path, ODD), warned(caplog)) == (ALL, [])


def test_without_stop_an_odd_day_comes_along_and_is_told(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    assert load(store, path, day(8))
    assert (held(path, ODD), warned(caplog)) == (ALL, [f"2025-03-08  {ODDITY}"])


@pytest.mark.parametrize("lacking", [[LETTERS], [VISITS, "source_ledger_per_day", "rejected_rows_per_day"]])
def test_a_day_of_which_gold_lacks_a_table_is_left_out_and_told(
    store: MemoryStore, path: Path, lacking: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    whole = dict(store.objects)
    for name in lacking:
        del store.objects[f"{ROOT}/{name}/{ODD}/_MANIFEST.json"]
    caplog.clear()
    assert load(store, path, day(8))
    assert held(path, ODD) == []
    then = "spark-submit jobs/gold.py --ds 2025-03-08 && python jobs/load_duckdb.py --ds 2025-03-08"
    assert warned(caplog) == [f"2025-03-08 is left out: gold lacks {', '.join(lacking)} -- next: {then}"]
    assert ask(path, "SELECT count(*) FROM day_status WHERE NOT is_loaded") == [(2,)]
    store.objects = whole
    assert load(store, path, ODD)
    assert held(path, ODD) == ALL


def test_half_a_day_in_the_file_is_restated_and_completed_once_gold_has_all_of_it(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An older Daybook loaded half days."""
    whole = {uri: body for uri, body in store.objects.items() if f"/{ODD}/" in uri}
    store.drop(ODD)
    store.publish(VISITS, ODD, [visit(ANNA, ODD)])
    assert load(store, path, rebuild=True)
    assert held(path, ODD) == [VISITS]
    assert f"2025-03-08 is loaded in part: gold lacks {LETTERS} -- next: spark-submit jobs/gold.py" in caplog.text
    store.publish(VISITS, ODD, [visit(ANNA, ODD, visits=5)], version=2)
    caplog.clear()
    assert load(store, path, day(8))
    assert ask(path, f"SELECT visits FROM {VISITS} WHERE date = '{ODD}'") == [(5,)]
    assert (held(path, ODD), warned(caplog)) == ([VISITS], [])
    again = {uri: body for uri, body in whole.items() if VISITS not in uri}
    store.objects |= again
    assert not load(store, path, day(8), stop=True)
    assert held(path, ODD) == [VISITS], "what is missing is odd, and stays out"
    assert load(store, path, day(8))
    assert held(path, ODD) == ALL


def test_a_day_that_was_read_again_is_judged_again_by_whichever_load_brings_it(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.publish_whole(ODD, clean=9, version=2)
    load(store, path, ODD, stop=True)
    store.publish_whole(ODD, clean=0, version=3)
    caplog.clear()
    assert not load(store, path, day(8), stop=True), "which itself has come along before"
    held_versions = f"SELECT DISTINCT manifest_version FROM load_history WHERE is_current AND ds = '{ODD}'"
    assert ask(path, held_versions) == [(2,)], "figures and ledgers stay together"
    assert f"2025-03-08 is out of the ordinary, and left out: {ODDITY}" in caplog.text
    store.publish(VISITS, ODD, [visit(ANNA, ODD, visits=7)], version=4)
    assert not load(store, path, day(8), stop=True), "nor do the figures come without their ledgers"
    assert load(store, path, day(8))
    assert ask(path, f"SELECT visits FROM {VISITS} WHERE date = '{ODD}'") == [(7,)]


def test_the_even_days_of_a_range_are_loaded_and_the_odd_ones_named(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.publish_whole(day(9), clean=0)
    store.publish_whole(day(10))
    caplog.clear()
    line = f"2025-03-08 and 2025-03-10 are out of the ordinary, and not loaded: {ODDITY}, and 1 more above"
    with pytest.raises(DataError, match=line) as caught:
        load(store, path, *map(day, range(6, 11)), stop=True)
    assert caught.value.then == ANYWAY.replace("--ds 2025-03-08", "--from 2025-03-08 --to 2025-03-10")
    assert warned(caplog) == [f"2025-03-08  {ODDITY}", f"2025-03-10  {ODDITY}"]
    assert [held(path, day(n)) for n in range(6, 11)] == [ALL, [], ALL, [], ALL]
    with pytest.raises(DataError, match="2025-03-08 and 2025-03-10 are out"):
        load(store, path, *map(day, range(6, 11)), stop=True)


def test_a_rebuild_brings_all_of_gold_and_tells_what_the_file_did_not_hold(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    assert load(store, path, stop=True, rebuild=True)
    assert (held(path, ODD), warned(caplog)) == (ALL, [f"2025-03-08  {ODDITY}"])
    caplog.clear()
    assert load(store, path, stop=True, rebuild=True)
    assert warned(caplog) == [], "it has been told"


def test_what_a_load_that_failed_would_have_restated_comes_with_a_later_one(tmp_path: Path, path: Path) -> None:
    """Letters of a day read the two days after it; the load of the second never ran, and the third does not read it."""
    store = MemoryStore(tmp_path)
    for n in (4, 5, 6, 7):
        store.publish_whole(day(n))
    store.publish(LETTERS, day(4), [letter(ANNA, day(4))], absent=[day(5), day(6)])
    load(store, path, day(4))
    store.publish(LETTERS, day(4), [letter(ANNA, day(4))], version=2, absent=[day(6)])
    load(store, path, day(5))
    store.publish(LETTERS, day(4), [letter(ANNA, day(4))], version=3)
    assert load(store, path, day(7))
    query = (
        f"SELECT version, is_final, waiting_for FROM day_status WHERE table_name = '{LETTERS}' AND date = '{day(4)}'"
    )
    assert ask(path, query) == [(3, True, [])]
    assert not load(store, path, day(7)), "and again there is nothing to do"


def test_what_somebody_has_looked_at_stops_nothing_when_silver_of_the_day_is_made_again(
    store: MemoryStore, path: Path
) -> None:
    load(store, path, ODD)
    store.publish_ledgers(ODD, clean=0, version=2)
    assert load(store, path, ODD, stop=True), "the file has told of it"
