"""`jobs/day.py` runs the four steps in one application: what fails ends as its own job would, what is done stays."""

from datetime import date

from daybook.lake import manifest
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import DAY, entry, succeeds

NO_CASSANDRA = {"CASSANDRA_PORT": "1"}


def test_a_step_that_fails_ends_the_run_as_its_own_job_would_and_the_steps_before_it_stay(
    daybook: Daybook, driver: Driver
) -> None:
    lake = daybook.own_lake("day_fails")
    alone = driver.run("extract_cassandra", "--ds", DAY, **lake, **NO_CASSANDRA)
    ended = driver.run("day", "--ds", DAY, **lake, **NO_CASSANDRA)
    assert (ended.code, ended.last_line) == (alone.code, alone.last_line), ended.output
    assert alone.code == 1 and "extract_postgres done" in ended.output
    assert entry(daybook, lake, "bronze", "users").rows > 0
    silver = daybook.batch("silver", "users", date.fromisoformat(DAY), **lake)
    assert manifest.read(daybook.store, silver) is None, "the steps after it are not run"
    succeeds(driver.run("day", "--ds", DAY, **lake))
    assert entry(daybook, lake, "gold", "global_user_activity_per_day").rows > 0


def test_all_settings_are_read_before_the_first_step(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("day_settings")
    ended = driver.run("day", "--ds", DAY, **lake, CASSANDRA_HOSTS="")
    assert ended.code == 2 and "CASSANDRA_HOSTS" in ended.last_line, ended.output
    assert daybook.stored(lake["DAYBOOK_BRONZE"]) == {}
