"""PostgreSQL's replicas: a day is complete on a standby when it has replayed the day to its end, by no other clock."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from daybook import days
from daybook.lake import manifest
from daybook.lake.manifest import Manifest
from daybook.sources.reach import written
from tests.kit.clock import today_for
from tests.kit.harness import Daybook, Driver, said, until
from tests.kit.hold import UNTOUCHED, Relay
from tests.kit.sources import POSTGRES_SCRIPT, postgres_schema, refused, succeeds
from tests.kit.standby import Standby, standby

EARLY, LATE = 80, 500
STATES = (
    "INSERT INTO standby.notification_states SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'SENT', "
    "'{} 12:00Z' FROM generate_series(1, {})"
)
ANY_COMMIT = "SELECT txid_current()"
THEN = (
    "run the same command again when it has replayed more; if its primary is idle, any commit there moves it on "
    f"({ANY_COMMIT})"
)


@pytest.fixture
def yesterday() -> date:
    """The day before, which stays yesterday for the whole test."""
    return days.shifted(today_for(minutes=10), -1)


@pytest.fixture
def schema(daybook: Daybook, yesterday: date) -> Iterator[dict[str, str]]:
    """Tables of this file's own, with some rows of yesterday."""
    with postgres_schema(daybook, "standby", POSTGRES_SCRIPT) as changes:
        with daybook.postgres("admin") as server, server.cursor() as run:
            run.execute(STATES.format(yesterday, EARLY))
        yield changes


def bronze(daybook: Daybook, lake: dict[str, str], day: date) -> Manifest | None:
    live = manifest.read(daybook.store, daybook.batch("bronze", "notification_states", day, **lake))
    return live.manifest if live else None


def counted(found: Manifest | None) -> tuple[bool, int, int]:
    assert found
    ledger = found.tables["notification_states"].ledger
    return found.complete, ledger["source"], ledger["bronze"]


def short(daybook: Daybook, there: Standby, told: str, needs: str) -> str:
    port = daybook.stack.settings("etl")["PGPORT"]
    address = daybook.postgres_address.replace(f":{port}/", f":{there.settings['PGPORT']}/")
    return f"{address}: a standby that has replayed {told}; {needs} -- next: {THEN}"


@contextmanager
def with_a_snapshot(driver: Driver, port: int, day: date, changes: dict[str, str]) -> Iterator[None]:
    """An extraction that has its snapshot of the server and goes on when the block ends, to exit 0."""
    with closing(Relay(UNTOUCHED, port)) as relay:
        driver.begin("extract_postgres", "--ds", str(day), **changes | {"PGPORT": str(relay.port)})
        until(relay.reached.is_set, "the snapshot is taken", driver)
        try:
            yield
        finally:
            relay.go_on.set()
            ended = driver.end()
        succeeds(ended)


def test_a_day_is_refused_until_the_standby_has_replayed_it_and_its_late_writes(
    daybook: Daybook, driver: Driver, schema: dict[str, str], yesterday: date
) -> None:
    before, lake = days.shifted(yesterday, -1), daybook.own_lake("standby")
    with standby(daybook) as there:
        there.primary.execute(ANY_COMMIT)
        there.catch_up()
        stopped = there.pause()
        # The first whole minute that is more than one away: the job waits until then, and the standby stays behind.
        minutes = (stopped - days.ends(yesterday)) // timedelta(minutes=1) + 2
        settled = days.ends(yesterday) + minutes * timedelta(minutes=1)
        needs = f"{yesterday} needs {written(settled)}"
        changes = lake | schema | there.settings | {"DAYBOOK_SETTLE_MINUTES": str(minutes)}
        there.primary.execute(STATES.format(yesterday, LATE))

        ended = driver.run("extract_postgres", "--from", str(before), "--to", str(yesterday), **changes)
        refused(ended, 1, short(daybook, there, f"up to {written(stopped)}", needs))
        assert datetime.now(UTC) >= settled, "by its clock the day has settled"
        assert counted(bronze(daybook, lake, before)) == (True, 0, 0), "the day before was replayed to its end"
        assert bronze(daybook, lake, yesterday) is None

        def run(*arguments: str) -> Any:
            return driver.run("extract_postgres", "--ds", str(yesterday), *arguments, **changes)

        succeeds(run("--allow-incomplete"))
        found = bronze(daybook, lake, yesterday)
        assert counted(found) == (False, EARLY, EARLY)
        assert found and found.inputs["snapshot"]["replayed_until"] == stopped.isoformat()

        there.resume()
        idle = there.replayed_until
        refused(run(), 1, short(daybook, there, f"up to {written(idle)}", needs))
        assert counted(bronze(daybook, lake, yesterday)) == (False, EARLY, EARLY), "it stays as it was"

        there.primary.execute(ANY_COMMIT)
        there.catch_up()
        succeeds(run())
        assert counted(bronze(daybook, lake, yesterday)) == (True, EARLY + LATE, EARLY + LATE)


def test_a_standby_that_has_replayed_nothing_since_its_start_is_not_read(
    daybook: Daybook, driver: Driver, schema: dict[str, str], yesterday: date
) -> None:
    day, lake = days.shifted(yesterday, -30), daybook.own_lake("standby_asleep")
    with standby(daybook, recovery_min_apply_delay="1d") as there:
        there.primary.execute(STATES.format(day, LATE))
        assert there.replayed_until is None
        changes = lake | schema | there.settings
        ended = driver.run("extract_postgres", "--ds", str(day), **changes)
        needs = f"{day} needs {days.shifted(day, 1)}T00:10:00Z"
        refused(ended, 1, short(daybook, there, "no transaction since its start", needs))
        assert daybook.stored(lake["DAYBOOK_BRONZE"]) == {}

        there.replica.execute("ALTER SYSTEM RESET recovery_min_apply_delay")
        there.replica.execute("SELECT pg_reload_conf()")
        there.catch_up()
        succeeds(driver.run("extract_postgres", "--ds", str(day), **changes))
    assert counted(bronze(daybook, lake, day)) == (True, LATE, LATE)


def test_a_run_that_has_the_whole_day_does_not_give_way_to_one_that_has_not(
    daybook: Daybook, driver: Driver, other_driver: Driver, schema: dict[str, str], yesterday: date
) -> None:
    day, lake = days.shifted(yesterday, -30), daybook.own_lake("standby_first")
    port = int(daybook.stack.settings("etl")["PGPORT"])
    with standby(daybook, recovery_min_apply_delay="1d") as there:
        there.primary.execute(STATES.format(day, LATE))
        with with_a_snapshot(driver, port, day, lake | schema):
            changes = lake | schema | there.settings
            succeeds(other_driver.run("extract_postgres", "--ds", str(day), "--allow-incomplete", **changes))
            assert counted(bronze(daybook, lake, day)) == (False, 0, 0)
    assert counted(bronze(daybook, lake, day)) == (True, LATE, LATE)


def test_what_a_standby_replays_once_the_snapshot_is_taken_does_not_count(
    daybook: Daybook, driver: Driver, schema: dict[str, str], yesterday: date
) -> None:
    day, lake = days.shifted(yesterday, -30), daybook.own_lake("standby_moves_on")
    with standby(daybook) as there:
        there.primary.execute(ANY_COMMIT)
        there.catch_up()
        seen = there.replayed_until
        with with_a_snapshot(driver, int(there.settings["PGPORT"]), day, lake | schema):
            there.primary.execute(STATES.format(day, LATE))
            there.catch_up()
            assert there.replayed_until > seen
    found = bronze(daybook, lake, day)
    assert counted(found) == (True, 0, 0)
    assert found and found.inputs["snapshot"]["replayed_until"] == seen.isoformat()


def test_a_role_that_prefers_an_isolation_which_a_standby_refuses_reads_it_all_the_same(
    daybook: Daybook, driver: Driver, schema: dict[str, str], yesterday: date
) -> None:
    day, lake = days.shifted(yesterday, -30), daybook.own_lake("standby_serializable")
    with standby(daybook) as there:
        there.primary.execute("ALTER ROLE daybook_etl SET default_transaction_isolation = 'serializable'")
        try:
            there.catch_up()
            succeeds(driver.run("extract_postgres", "--ds", str(day), **lake | schema | there.settings))
        finally:
            there.primary.execute("ALTER ROLE daybook_etl RESET default_transaction_isolation")
    assert counted(bronze(daybook, lake, day)) == (True, 0, 0)


def test_tables_that_a_subscription_fills_are_warned_of(
    daybook: Daybook, driver: Driver, schema: dict[str, str], yesterday: date
) -> None:
    lake, admin = daybook.own_lake("subscriber"), daybook.stack.settings("admin")
    names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
    # It is subscribed to itself, and never brings anything.
    itself, unused = (
        " ".join(f"{name}={admin[of]}" for name, of in names.items()),
        "create_slot = false, enabled = false",
    )
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        run.execute("CREATE PUBLICATION daybook_test FOR TABLE standby.users, standby.notification_states")
        try:
            subscribed = f"slot_name = NONE, copy_data = false, {unused}"
            run.execute(
                f"CREATE SUBSCRIPTION daybook_test CONNECTION '{itself}' PUBLICATION daybook_test WITH ({subscribed})"
            )
            ended = driver.run("extract_postgres", "--ds", str(yesterday), **lake, **schema)
        finally:
            run.execute("DROP SUBSCRIPTION IF EXISTS daybook_test")
            run.execute("DROP PUBLICATION daybook_test")
    succeeds(ended)
    told = [line for line in ended.output.splitlines() if "subscription" in line]
    behind = "is filled by subscription daybook_test, which may be behind: no day of it is known to be complete"
    assert [said(line) for line in told] == [
        f"{daybook.postgres_address}: standby.{table} {behind}" for table in ("notification_states", "users")
    ]
