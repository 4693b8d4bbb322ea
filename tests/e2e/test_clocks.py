"""A machine whose clock is wrong does not make a day complete that goes on: the sources are asked for the time."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from daybook import days
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.lake import manifest
from tests.kit import other_clock
from tests.kit.clock import today_for
from tests.kit.harness import Daybook, Driver
from tests.kit.own_sources import good_row, own_sources
from tests.kit.sources import succeeds

TABLES = {"extract_postgres": "notification_states", "extract_cassandra": "user_purchases"}
CLOCK = "see which of the two clocks is wrong and set it right, then run the same command again"


@pytest.fixture
def today() -> date:
    """The UTC day, which stays today for the whole test."""
    return today_for(minutes=5)


@pytest.mark.parametrize("job", TABLES)
def test_a_day_that_has_ended_only_by_the_clock_of_the_machine_is_refused(
    daybook: Daybook, driver: Driver, today: date, job: str
) -> None:
    lake, batch = daybook.own_lake(f"clocks_{job}"), TABLES[job]
    with own_sources(daybook, f"clocks_{job}") as sources:
        sources.insert(USER_PURCHASES, [good_row(USER_PURCHASES, 1, days.begins(today))])
        changes, kit = lake | sources.settings, replace(driver, jobs=Path(other_clock.__file__).parent)
        ended = kit.run("other_clock", "1", "0", job, "--ds", str(today), **changes)
        assert ended.code == 1, ended.output
        assert f": its clock says {today}T" in ended.last_line
        needs = f"{today} needs {days.shifted(today, 1)}T00:10:00Z"
        assert f"Z; {needs}" in ended.last_line and ended.last_line.endswith(f" -- next: {CLOCK}")
        assert f", this machine's {days.shifted(today, 1)}T" in ended.output, "the clocks differ, and it is told"
        assert daybook.stored(lake["DAYBOOK_BRONZE"]) == {}

        accepted = kit.run("other_clock", "1", "0", job, "--ds", str(today), "--allow-incomplete", **changes)
        assert accepted.code == 0, accepted.output
        assert "(incomplete day)" in accepted.output
    live = manifest.read(daybook.store, daybook.batch("bronze", batch, today, **lake))
    assert live and not live.manifest.complete


@pytest.mark.parametrize("job", TABLES)
def test_once_a_sources_clock_that_is_behind_is_set_right_the_same_command_reads_the_day(
    daybook: Daybook, driver: Driver, today: date, job: str
) -> None:
    day, settings = days.shifted(today, -1), daybook.own_lake(f"clock_behind_{job}") | {"DAYBOOK_SETTLE_MINUTES": "0"}
    kit = replace(driver, jobs=Path(other_clock.__file__).parent)
    ended = kit.run("other_clock", "0", "-1", job, "--ds", str(day), **settings)
    assert ended.code == 1 and ended.last_line.endswith(f" -- next: {CLOCK}"), ended.output
    assert f": its clock says {day}T" in ended.last_line
    succeeds(driver.run(job, "--ds", str(day), **settings))
    live = manifest.read(daybook.store, daybook.batch("bronze", TABLES[job], day, **settings))
    assert live and live.manifest.complete
