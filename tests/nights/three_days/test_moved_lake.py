"""A lake copied to another bucket and prefix is a lake of its own: every job works there, and none at its old place.

Meanwhile the jobs' accounts cannot enter the old buckets at all.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from daybook.lake import manifest
from local.demo.proof import Proof
from tests.kit import moved
from tests.kit.harness import FIRST, LAST, RANGE, Daybook, Driver, Ended

DAY = "2025-03-02"
AGAIN = {"extract_postgres": "--refresh", "extract_cassandra": "--refresh", "silver": "--force", "gold": "--force"}


def succeeds(ended: Ended) -> str:
    assert ended.code == 0, ended.output
    return ended.output


@pytest.fixture(scope="module")
def original(daybook: Daybook) -> dict[str, str]:
    """The lake that all tests share."""
    lake = daybook.lake
    return dict(zip(moved.LAYERS, (lake.bronze, lake.silver, lake.gold), strict=True))


@pytest.fixture(scope="module")
def before(daybook: Daybook, proof: Proof, original: dict[str, str]) -> dict[str, str]:
    """The original, by ETag."""
    return moved.etags(daybook, original)


@pytest.fixture(scope="module")
def lake(
    daybook: Daybook, original: dict[str, str], before: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The copy, with a copy of the DuckDB file."""
    own = {layer: f"s3a://moved/our/{layer.removeprefix('DAYBOOK_').lower()}" for layer in moved.LAYERS}
    own["DUCKDB_PATH"] = str(tmp_path_factory.mktemp("moved") / "analytics.duckdb")
    shutil.copy(daybook.warehouse, own["DUCKDB_PATH"])
    with moved.the_only_bucket(daybook, "moved"):
        moved.copy(daybook, original, own)
        yield own


def test_a_moved_lake_is_whole_and_nothing_in_it_is_made_again(
    daybook: Daybook, driver: Driver, lake: dict[str, str]
) -> None:
    copied = moved.etags(daybook, lake)
    succeeds(daybook.verify(*RANGE, **lake))
    for job in AGAIN:
        succeeds(driver.run(job, *RANGE, **lake))
    told = daybook.load(*RANGE, **lake)
    assert told.code == 0 and "right if the lake was moved" in told.output, told.output
    assert "already loaded" in succeeds(daybook.load(*RANGE, **lake))
    assert moved.etags(daybook, lake) == copied


@pytest.fixture(scope="module")
def made_again(daybook: Daybook, driver: Driver, lake: dict[str, str]) -> dict[str, str]:
    """All that there is to run, run in the copy."""
    for job, again in AGAIN.items():
        succeeds(driver.run(job, "--ds", DAY, again, **lake))
    succeeds(driver.run("gold", *RANGE, **lake))
    succeeds(daybook.load(*RANGE, **lake))
    return {
        "verify": succeeds(daybook.verify(*RANGE, **lake)),
        "page": succeeds(daybook.page(DAY, **lake)),
        "rejected": succeeds(daybook.by_duckdb("rejected", "--ds", DAY, "--table", "users", **lake)),
        "sweep": succeeds(daybook.by_duckdb("sweep", "--delete", **lake)),
        "rebuild": succeeds(daybook.load("--rebuild", **lake)),
    }


def test_every_job_works_in_the_moved_lake(daybook: Daybook, lake: dict[str, str], made_again: dict[str, str]) -> None:
    for day in (FIRST, DAY, LAST):
        assert f"verified {day}: " in made_again["verify"]
    page = Path(lake["DUCKDB_PATH"]).parent / "daybook" / "days" / f"{DAY}.json"
    assert json.loads(page.read_text())["verdict"]["state"] != "red"
    assert "email:malformed" in made_again["rejected"]
    assert "sweep done: 0 objects" in made_again["sweep"]
    live = manifest.read(daybook.store, daybook.batch("gold", "global_user_activity_per_day", date(2025, 3, 2), **lake))
    assert live and live.manifest.version > 1
    assert {name for layer in moved.LAYERS for name in daybook.unnamed(lake[layer])} == set()


def test_the_original_is_as_it_was_to_the_last_object(
    daybook: Daybook, original: dict[str, str], before: dict[str, str], made_again: dict[str, str]
) -> None:
    assert made_again and moved.etags(daybook, original) == before
