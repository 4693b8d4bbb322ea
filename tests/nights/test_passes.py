"""A range of days is made in one pass: what comes is what one by one gives, and no day is ever half there."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.users import USERS
from daybook.lake import manifest
from tests.kit.harness import SPARK_JOBS, Daybook, Driver, until
from tests.kit.own_sources import good_row, own_sources
from tests.kit.processes import stopped_after
from tests.kit.sources import succeeds

DAYS = [date(2024, 11, 1) + timedelta(days=n) for n in range(3)]
RANGE = ("--from", str(DAYS[0]), "--to", str(DAYS[-1]))
EMPTY = DAYS[1]  # nothing happened, and nothing was rejected


@pytest.fixture(scope="module")
def settings(daybook: Daybook) -> Iterator[dict[str, str]]:
    """Days of different rows, one of them empty, with rejected rows, duplicates and the rate of each day."""
    with own_sources(daybook, "passes") as sources:
        for number, day in enumerate(DAYS, 1):
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            for table in SOURCE_TABLES if day != EMPTY else ():
                sources.insert(table, [good_row(table, 10 * number + n, noon) for n in range(number + 1)])
            if day != EMPTY:
                bought = good_row(USER_PURCHASES, 99, noon)
                sources.insert(USER_PURCHASES, [bought | {"currency": currency} for currency in ("USD", "XXX")])
        sources.insert(USERS, [good_row(USERS, 98, noon) | {"email": "none"}])
        yield sources.settings


def ledgers(daybook: Daybook, layer: Any, lake: dict[str, str]) -> dict[str, Any]:
    """All ledgers of a layer, by table and day."""
    found = {}
    for table in SOURCE_TABLES:
        for day in DAYS:
            live = manifest.read(daybook.store, daybook.batch(layer, table.name, day, **lake))
            assert live
            entry = live.manifest.tables[table.name]
            found[f"{table.name} {day}"] = (entry.ledger, entry.rows, entry.schema, bool(entry.rejected_files))
    return found


@pytest.fixture(scope="module")
def together(daybook: Daybook, driver: Driver, settings: dict[str, str]) -> dict[str, str]:
    """The lake of the days, made in one pass."""
    lake = daybook.own_lake("passes_together")
    for job in SPARK_JOBS:
        ended = driver.run(job, *RANGE, **lake, **settings)
        succeeds(ended)
        assert "one by one" not in ended.output, ended.output
    return lake


def test_days_of_one_pass_are_those_made_one_by_one(
    daybook: Daybook, driver: Driver, settings: dict[str, str], together: dict[str, str]
) -> None:
    alone = daybook.own_lake("passes_alone")
    for job in SPARK_JOBS:
        succeeds(driver.run(job, *RANGE, DAYBOOK_PASS_DAYS="1", **alone, **settings))
    for layer in ("bronze", "silver"):
        assert ledgers(daybook, layer, together) == ledgers(daybook, layer, alone)
    for day in DAYS:
        assert daybook.day(day, **together) == daybook.day(day, **alone), day
    layers = [place for name, place in together.items() if name != "DUCKDB_PATH"]
    assert daybook.unnamed(*layers) == set()


@pytest.mark.always
def test_a_run_that_is_killed_in_the_middle_of_a_pass_leaves_each_day_whole_or_not_there(
    daybook: Daybook, driver: Driver, settings: dict[str, str], together: dict[str, str]
) -> None:
    own = daybook.own_lake("passes_killed")["DAYBOOK_SILVER"]
    lake = together | settings | {"DAYBOOK_SILVER": own}
    batches = [daybook.batch("silver", table.name, day, **lake) for table in SOURCE_TABLES for day in DAYS]

    def published() -> dict[str, int]:
        found = {str(batch): manifest.read(daybook.store, batch) for batch in batches}
        return {name: live.manifest.version for name, live in found.items() if live}

    command = ["spark-submit", str(daybook.jobs / "silver.py"), *RANGE]
    killed = subprocess.Popen(command, env=daybook.env(**lake), cwd=daybook.elsewhere, stdout=subprocess.DEVNULL)
    with killed, stopped_after(killed.pid):
        until(lambda: any(name.endswith("_MANIFEST.json") for name in daybook.stored(own)), "a day is published")
    left = published()
    assert 0 < len(left) < len(batches), "it was in the middle"
    ended = driver.run("silver", *RANGE, **lake)
    assert ended.code == 0 and f"{len(batches) - len(left)} tables published" in ended.last_line, ended.output
    assert published() == {str(batch): 1 for batch in batches}, "what was there is not made again"
    for batch in batches:
        undisturbed = daybook.batch("silver", batch.name, batch.day, **together)
        assert daybook.contents(batch) == daybook.contents(undisturbed), batch
