"""A range of days is made in one pass: what comes is what one by one gives."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.users import USERS
from daybook.lake import manifest
from tests.kit.harness import SPARK_JOBS, Daybook, Driver
from tests.kit.own_sources import good_row, own_sources
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


def test_days_of_one_pass_are_those_made_one_by_one(daybook: Daybook, driver: Driver, settings: dict[str, str]) -> None:
    together, alone = daybook.own_lake("passes_together"), daybook.own_lake("passes_alone")
    for job in SPARK_JOBS:
        succeeds(driver.run(job, *RANGE, **together, **settings))
        succeeds(driver.run(job, *RANGE, DAYBOOK_PASS_DAYS="1", **alone, **settings))
    for layer in ("bronze", "silver"):
        assert ledgers(daybook, layer, together) == ledgers(daybook, layer, alone)
    for day in DAYS:
        assert daybook.day(day, **together) == daybook.day(day, **alone), day
    layers = [place for name, place in together.items() if name != "DUCKDB_PATH"]
    assert daybook.unnamed(*layers) == set()
