"""A load some of whose days are bad: the others are loaded, and each bad one is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from daybook.errors import DataError, RetryableError
from tests.kit import warehouse as kit
from tests.kit.warehouse import ROOT, VISITS, MemoryStore, ask, day

LOADED = "SELECT DISTINCT ds FROM load_history WHERE is_current ORDER BY ds"


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """Gold of ten even days."""
    store = MemoryStore(tmp_path)
    for number in range(10):
        store.publish_whole(day(number))
    return store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "analytics.duckdb"


def lose_file(store: MemoryStore, number: int) -> str:
    """Take a file of a day's visits away."""
    name = next(uri for uri in store.objects if f"/{VISITS}/{day(number)}/" in uri and uri.endswith(".parquet"))
    del store.objects[name]
    return name


def break_manifest(store: MemoryStore, number: int) -> str:
    """Write something else in the place of the manifest of a day's visits."""
    name = f"{ROOT}/{VISITS}/{day(number)}/_MANIFEST.json"
    store.put(name, b"<html>404</html>")
    return name


@pytest.mark.parametrize("bad", [0, 4, 9])
def test_a_day_of_a_range_whose_manifest_is_broken_is_left_out_whole_and_named_at_the_end(
    store: MemoryStore, path: Path, bad: int, caplog: pytest.LogCaptureFixture
) -> None:
    name, ten = break_manifest(store, bad), [day(number) for number in range(10)]
    then = f"if nobody can restore it, delete it, then spark-submit jobs/gold.py --ds {day(bad)}"
    for _ in ("nothing is there yet", "nothing has changed since"):
        with pytest.raises(DataError, match=f"^{name}: not a manifest$") as caught:
            kit.load(store, path, ten)
        assert caught.value.then == then
        assert ask(path, LOADED) == [(of,) for of in ten if of != day(bad)]
    assert "more day" not in caplog.text, "it is no other day that gold has"


def test_a_day_around_it_whose_manifest_is_broken_stops_no_load_and_stays_as_it_was_loaded(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kit.load(store, path, [day(3)])
    name = break_manifest(store, 3)
    store.publish_whole(day(4), version=2)
    assert kit.load(store, path, [day(4)])
    assert (day(3),) in ask(path, LOADED) and (day(4),) in ask(path, LOADED)
    [line] = [record.getMessage() for record in caplog.records if name in record.getMessage()]
    assert line.startswith(f"{day(3)} is left out: {name}: not a manifest -- next: ")
    assert line.endswith(f"jobs/gold.py --ds {day(3)} && python jobs/load_duckdb.py --ds {day(3)}"), (
        "that asks for both"
    )


def test_of_a_day_alone_whose_manifest_is_broken_nothing_is_replaced(store: MemoryStore, path: Path) -> None:
    break_manifest(store, 4)
    with pytest.raises(DataError, match="not a manifest"):
        kit.load(store, path, [day(4)])
    assert not path.exists()


@pytest.mark.parametrize("bad", [0, 4, 9])
def test_a_day_of_a_range_whose_file_is_lost_is_left_out_whole_and_named_at_the_end(
    store: MemoryStore, path: Path, bad: int
) -> None:
    name = lose_file(store, bad)
    with pytest.raises(DataError, match=f"{name} is missing") as caught:
        kit.load(store, path, [day(number) for number in range(10)])
    assert caught.value.then == f"restore it, or spark-submit jobs/gold.py --ds {day(bad)} --table {VISITS} --force"
    assert ask(path, LOADED) == [(day(number),) for number in range(10) if number != bad]


def test_a_day_around_it_whose_file_is_lost_stops_no_load(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = lose_file(store, 3)
    assert kit.load(store, path, [day(4)])
    assert (day(3),) not in ask(path, LOADED) and (day(4),) in ask(path, LOADED)
    [line] = [record.getMessage() for record in caplog.records if name in record.getMessage()]
    assert line.startswith(f"{day(3)} is left out: {name} is missing")


def test_of_a_day_alone_whose_file_is_lost_nothing_is_replaced(store: MemoryStore, path: Path) -> None:
    lose_file(store, 4)
    with pytest.raises(DataError):
        kit.load(store, path, [day(4)])
    assert not path.exists()


def test_a_rebuild_takes_all_of_gold_or_nothing(store: MemoryStore, path: Path) -> None:
    lose_file(store, 4)
    with pytest.raises(DataError, match="is missing"):
        kit.load(store, path, [], rebuild=True)
    assert not path.exists()


@pytest.mark.parametrize("odd", [7, 8, 9])
def test_a_day_that_gold_lacks_is_named_beside_one_that_is_stopped_at(
    store: MemoryStore, path: Path, odd: int, caplog: pytest.LogCaptureFixture
) -> None:
    week = [day(number) for number in range(7)]
    kit.load(store, path, week[:-1])  # the last one comes along
    store.publish_ledgers(day(odd), 0, 2)
    gone = 7 if odd != 7 else 8
    store.drop(day(gone))
    caplog.clear()
    with pytest.raises(DataError, match=f"{day(odd)} is out of the ordinary, and not loaded"):
        kit.load(store, path, [day(7), day(8), day(9)], stop=True)
    assert f"gold is not published: {VISITS} {day(gone)}" in caplog.text
    rest = {7, 8, 9} - {odd, gone}
    assert ask(path, LOADED) == [(of,) for of in week] + [(day(number),) for number in rest]


def test_an_older_state_with_a_higher_number_is_known_by_its_time(store: MemoryStore, path: Path) -> None:
    store.publish_all(day(0), version=1)
    kit.load(store, path, [day(0)])
    store.published_at -= timedelta(days=1)
    store.publish_all(day(0), version=5)
    with pytest.raises(RetryableError, match="is at version 5, the warehouse already at 1, published later"):
        kit.load(store, path, [day(0)])
