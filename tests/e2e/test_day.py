"""`jobs/day.py` runs the four steps in one application: what fails ends as its own job would, what is done stays."""

from datetime import date
from pathlib import Path

from daybook.errors import UsageError
from daybook.lake import manifest
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import DAY, entry, refused, succeeds

NO_CASSANDRA = {"CASSANDRA_PORT": "1"}
AMOUNT = "setting DAYBOOK_AMOUNT_LIMIT='0' is not a whole number from 1 to 1000000000000"
PORT = "setting PGPORT is not a whole number from 1 to 65535"
GOLD = "setting DAYBOOK_GOLD='gold' is not s3a://bucket or s3a://bucket/prefix"


def test_a_step_that_fails_ends_the_run_as_its_own_job_would_and_the_others_make_what_they_can(
    daybook: Daybook, driver: Driver
) -> None:
    lake = daybook.own_lake("day_fails")
    alone = driver.run("extract_cassandra", "--ds", DAY, **lake, **NO_CASSANDRA)
    ended = driver.run("day", "--ds", DAY, **lake, **NO_CASSANDRA)
    assert (ended.code, ended.last_line) == (alone.code, alone.last_line), ended.output
    assert alone.code == 1 and "extract_postgres done" in ended.output
    assert entry(daybook, lake, "bronze", "users").rows > 0
    assert entry(daybook, lake, "silver", "users").rows > 0
    silver = daybook.batch("silver", "user_purchases", date.fromisoformat(DAY), **lake)
    assert manifest.read(daybook.store, silver) is None
    succeeds(driver.run("day", "--ds", DAY, **lake))
    assert entry(daybook, lake, "gold", "global_user_activity_per_day").rows > 0
    made = manifest.read(daybook.store, silver)
    again = driver.run("day", "--ds", DAY, "--refresh", **lake, **NO_CASSANDRA)
    assert (again.code, again.last_line) == (alone.code, alone.last_line)
    users = daybook.batch("silver", "users", date.fromisoformat(DAY), **lake)
    assert "read again" in again.output and (live := manifest.read(daybook.store, users)) and live.manifest.version == 1
    assert manifest.read(daybook.store, silver) == made


def test_a_wrong_setting_is_named_up_front_and_stops_only_what_needs_it(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("day_settings")
    postgres = daybook.batch("bronze", "users", date.fromisoformat(DAY), **lake)
    cassandra = daybook.batch("bronze", "user_purchases", date.fromisoformat(DAY), **lake)
    silver = daybook.batch("silver", "users", date.fromisoformat(DAY), **lake)
    for wrong, told, by, there in (
        ({"PGPORT": "no"}, PORT, "extract_postgres", [cassandra]),
        ({"DAYBOOK_AMOUNT_LIMIT": "0"}, AMOUNT, "silver and gold", [postgres, cassandra]),
        ({"DAYBOOK_GOLD": "gold"}, GOLD, "silver and gold", [postgres, cassandra]),
    ):
        ended = driver.run("day", "--ds", DAY, **lake | wrong)
        refused(ended, 2, f"{told} -- next: {UsageError.then}")
        [warning] = [line for line in ended.output.splitlines() if " WARNING setting" in line]
        assert f" WARNING {told}: {by} will end with exit 2; what does not need it is run before" in warning
        assert ended.output.index(warning) < ended.output.index("bronze "), "it is said up front"
        assert all(manifest.read(daybook.store, batch) for batch in there), wrong
        assert manifest.read(daybook.store, silver) is None


def test_no_extraction_is_stopped_by_what_silver_and_gold_alone_use(
    daybook: Daybook, driver: Driver, tmp_path: Path
) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,base,valid_from,rate\nUSD,EUR,2025-01-01,no number\n")
    wrong = {"DAYBOOK_EXCHANGE_RATES": str(rates), "DAYBOOK_SUCCESS_STATES": "1", "DAYBOOK_SILVER": "silver"}
    lake = daybook.own_lake("extractions_settings")
    for job, table in (("extract_postgres", "users"), ("extract_cassandra", "user_purchases")):
        succeeds(driver.run(job, "--ds", DAY, **lake | wrong))
        assert entry(daybook, lake, "bronze", table).rows > 0
    for job, setting in (("silver", "DAYBOOK_SILVER"), ("gold", "DAYBOOK_SILVER")):
        ended = driver.run(job, "--ds", DAY, **lake | wrong)
        assert ended.code == 2 and f"setting {setting}='silver' is not" in ended.last_line, ended.output
        assert "Spark UI" not in ended.output, "refused before a session opens"


def test_places_that_contradict_one_another_stop_an_extraction_too(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("extractions_places")
    for gold in (f"{lake['DAYBOOK_BRONZE']}/gold", f"{lake['DAYBOOK_BRONZE']}/"):
        for job in ("extract_postgres", "extract_cassandra", "day"):
            ended = driver.run(job, "--ds", DAY, **lake | {"DAYBOOK_GOLD": gold})
            assert ended.code == 2 and "give each a place of its own" in ended.last_line, ended.output
    assert daybook.stored(lake["DAYBOOK_BRONZE"]) == {}
