"""What empties, replaces or hides a PostgreSQL table while it is read: right, or refused by name, and in nobody's way.

Such statements show in every snapshot at once: without a lock the count and the read both find the table empty.
Every one of them is done to each of the five tables, before they are held, while they are, and while they are read.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date

import pytest

from daybook.contracts import POSTGRES_TABLES
from daybook.contracts.model import SourceTable
from daybook.sources.postgres_sql import PATIENCE_SECONDS
from tests.kit import hold as kit
from tests.kit.harness import Daybook, Driver, Ended, until
from tests.kit.hold import NEW, OLD, Other, stopped
from tests.kit.pairs import live
from tests.kit.sources import DAY, entry, postgres_schema, refused, succeeds

Made = Callable[[SourceTable], str]
AGAIN = "run the same command again when it is done"
THROUGH_SECONDS = 60
# What each statement makes of a table of so many rows.
STATEMENTS: dict[str, tuple[Made, Made, int]] = {
    "truncated and loaded again": (kit.plain, kit.truncated, NEW),
    "rewritten": (kit.plain, kit.rewritten, OLD),
    "exchanged by renaming": (kit.plain, kit.swapped, NEW),
    "given a partition": (kit.partitioned, kit.attached, NEW),
    "relieved of a partition": (kit.partitioned, kit.detached, OLD // 2),
    "refreshed": (kit.materialized, kit.refreshed, NEW),
}
each_statement = pytest.mark.parametrize("statement", STATEMENTS)


@contextmanager
def source(daybook: Daybook, name: str, made: Made) -> Iterator[dict[str, str]]:
    """A schema and a lake of the test's own, the five tables made so."""
    script = "".join(made(table) + ";" for table in POSTGRES_TABLES)
    with postgres_schema(daybook, name, script) as schema:
        yield schema | daybook.own_lake(name)


def check_published(daybook: Daybook, lake: dict[str, str], expected: int) -> None:
    for table in POSTGRES_TABLES:
        ledger = entry(daybook, lake, "bronze", table.name).ledger
        assert (ledger["source"], ledger["bronze"]) == (expected, expected), table.name


def check_nothing_published(daybook: Daybook, lake: dict[str, str]) -> None:
    """Of a task that is cancelled an empty folder may stay behind in the attempt's."""
    assert [name for name in daybook.stored(lake["DAYBOOK_BRONZE"]) if "/_attempts/" not in name] == []


def check_refused(ended: Ended, what: str, then: str = "run the same command again") -> None:
    """The extraction ended with 1 and this line, whose form is given; the port is the relay's."""
    line = rf"failed \(exit 1\): PostgreSQL \S+ as daybook_etl: {what} -- next: {then}"
    assert re.search(rf"\A{line}\Z", ended.last_line), ended.output
    assert ended.code == 1 and "Traceback" not in ended.output, ended.output


def check_gave_way(ended: Ended, who: str) -> None:
    check_refused(ended, f"gave way to {who}", AGAIN)


def check_replaced(ended: Ended, table: str) -> None:
    check_refused(ended, rf"{table} was replaced or given other partitions while it was read")


def name_of(test: str, statement: str) -> str:
    return f"hold_{test}_{statement.replace(' ', '_')}"


@each_statement
def test_what_was_done_before_the_tables_are_held_is_read(daybook: Daybook, driver: Driver, statement: str) -> None:
    made, done, left = STATEMENTS[statement]
    name = name_of("before", statement)
    with (
        source(daybook, name, made) as changes,
        closing(daybook.postgres("admin")) as server,
        server.cursor() as run,
        kit.looking(daybook) as look,
    ):
        run.execute(f"SET search_path = {name}")
        if made is kit.partitioned:  # attaching alone would let the extraction begin
            run.execute(kit.keeps("notification_states"))
        for table in POSTGRES_TABLES:
            run.execute(done(table))
        driver.begin("extract_postgres", "--ds", DAY, **changes)
        until(lambda: kit.waits_for_tables(look), "the extraction waits", driver)
        server.commit()
        succeeds(driver.end())
        check_published(daybook, changes, left)


@each_statement
def test_what_comes_while_the_last_rows_are_read_waits_and_the_rows_are_those_of_before(
    daybook: Daybook, driver: Driver, statement: str
) -> None:
    made, done, _ = STATEMENTS[statement]
    name = name_of("reading", statement)
    with source(daybook, name, made) as changes:
        with stopped(daybook, driver, kit.LAST, **changes) as here:
            others = [Other(daybook, name, done(table)) for table in POSTGRES_TABLES]
            if done is kit.attached:  # takes no lock that reading minds, and would bring rows of before
                assert max(other.end() for other in others) < PATIENCE_SECONDS
            else:
                kit.until_all_wait(here.run, others, driver)
        ended = here.ended
        assert max(other.end() for other in others) < THROUGH_SECONDS
        if done is kit.attached:
            check_replaced(ended, f"{name}.users")
            check_nothing_published(daybook, changes)
        else:
            succeeds(ended)
            check_published(daybook, changes, OLD)


@pytest.mark.parametrize(
    ("statements", "moment", "migration"),
    [
        (
            ("truncated and loaded again", "rewritten", "exchanged by renaming"), kit.UNTOUCHED,
            "ALTER TABLE {} ADD x int",
        ),
        (("relieved of a partition",), kit.GROUPS, "ALTER TABLE {} ADD x int"),
        (("refreshed",), kit.UNTOUCHED, "DROP MATERIALIZED VIEW {}"),
    ],
    ids=["tables", "partitioned, after the second", "materialized"],
)  # fmt: skip
def test_what_comes_before_the_last_table_is_read_is_given_way_and_is_through_within_a_minute(
    daybook: Daybook, driver: Driver, statements: tuple[str, ...], moment: str, migration: str
) -> None:
    made = STATEMENTS[statements[0]][0]
    name = name_of("between", statements[0])
    with source(daybook, name, made) as changes:
        others: list[Other] = []
        scripts = [[STATEMENTS[each][1](table) for table in POSTGRES_TABLES] for each in statements]
        both = "; ".join(migration.format(table) for table in ("notification_states", "users"))
        queries = [f"SELECT count(*) FROM {table.name}" for table in POSTGRES_TABLES if table.name not in both]
        with stopped(daybook, driver, moment, **changes) as here:
            for scripts_at_once in (*scripts, [both], queries):
                others += [Other(daybook, name, script) for script in scripts_at_once]
                kit.until_all_wait(here.run, others, driver)
        seconds = [other.end() for other in others]
        check_gave_way(here.ended, rf"pid \d+ \(role postgres, application migration\), which waits for {name}\.\w+")
        assert max(seconds) < THROUGH_SECONDS
        check_nothing_published(daybook, changes)


def test_who_waits_while_nothing_of_ours_queues_behind_is_given_way_too(daybook: Daybook, driver: Driver) -> None:
    with source(daybook, "hold_long", kit.plain) as changes:
        with stopped(daybook, driver, kit.LAST, **changes) as here:
            other = Other(daybook, "hold_long", "ALTER TABLE users ADD x int; ALTER TABLE activities ADD x int")
            assert PATIENCE_SECONDS <= other.end() < THROUGH_SECONDS
        who = rf"pid {other.pid} \(role postgres, application migration\), which waits for hold_long\.users"
        check_gave_way(here.ended, who)
        check_nothing_published(daybook, changes)


def test_a_partition_attached_before_the_first_row_is_read_is_refused(daybook: Daybook, driver: Driver) -> None:
    name = "hold_attached"
    with source(daybook, name, kit.partitioned) as changes:
        with stopped(daybook, driver, kit.UNTOUCHED, **changes) as here:
            for table in POSTGRES_TABLES:
                Other(daybook, name, kit.attached(table)).end()
        check_replaced(here.ended, f"{name}.users")
        check_nothing_published(daybook, changes)


@pytest.mark.parametrize("moment", [kit.UNTOUCHED, kit.LAST], ids=["untouched", "reading"])
def test_a_schema_that_takes_the_name_of_the_one_that_is_read_is_refused(
    daybook: Daybook, driver: Driver, moment: str
) -> None:
    names = ("hold_renamed", "hold_renamed_new", "hold_renamed_old")
    with source(daybook, names[0], kit.plain) as changes, source(daybook, names[1], kit.plain):
        with stopped(daybook, driver, moment, **changes) as here:
            here.run.execute(
                f"ALTER SCHEMA {names[0]} RENAME TO {names[2]}; ALTER SCHEMA {names[1]} RENAME TO {names[0]}"
            )
        with daybook.postgres("admin") as server, server.cursor() as run:
            run.execute(f"ALTER SCHEMA {names[0]} RENAME TO {names[1]}; ALTER SCHEMA {names[2]} RENAME TO {names[0]}")
        check_replaced(here.ended, f"{names[0]}.users")
        check_nothing_published(daybook, changes)


def test_a_table_loaded_again_while_the_extraction_waits_for_another_is_one_or_the_other_whole(
    daybook: Daybook, driver: Driver
) -> None:
    name = "hold_field"
    activities = next(table for table in POSTGRES_TABLES if table.name == "activities")
    with source(daybook, name, kit.plain) as changes:
        with closing(daybook.postgres("admin")) as holding, holding.cursor() as run:
            run.execute(f"SET search_path = {name}; {kit.keeps('groups')}")
            driver.begin("extract_postgres", "--ds", DAY, **changes)
            with kit.looking(daybook) as look:
                until(lambda: kit.waits_for_tables(look), "the extraction waits", driver)
            assert Other(daybook, name, kit.truncated(activities)).end() < PATIENCE_SECONDS
        succeeds(driver.end())
        ledger = entry(daybook, changes, "bronze", "activities").ledger
        assert (ledger["source"], ledger["bronze"]) == (NEW, NEW)
        assert entry(daybook, changes, "bronze", "groups").ledger["source"] == OLD


def test_a_migration_that_holds_one_table_and_wants_another_is_no_victim_of_ours(
    daybook: Daybook, driver: Driver
) -> None:
    name = "hold_migration"
    with source(daybook, name, kit.plain) as changes, kit.looking(daybook) as look:
        with closing(daybook.postgres("admin")) as server, server.cursor() as run:
            run.execute(f"SET search_path = {name}; ALTER TABLE notification_states ADD x int")
            driver.begin("extract_postgres", "--ds", DAY, **changes)
            for table in ("users", "groups", "groups_users_user", "activities"):
                until(lambda: kit.waits_for_tables(look), "the extraction waits", driver)
                run.execute(f"ALTER TABLE {table} ADD x int")
            server.commit()
        succeeds(driver.end())
        check_published(daybook, changes, OLD)


def test_the_wait_has_a_limit_and_names_who_keeps_a_table(daybook: Daybook, driver: Driver) -> None:
    with source(daybook, "hold_limit", kit.plain) as changes:
        with closing(daybook.postgres("admin")) as server, server.cursor() as run:
            run.execute("SET application_name = 'repair'")
            run.execute(f"SET search_path = hold_limit; {kit.keeps('activities')}")
            ended = driver.run("extract_postgres", "--ds", DAY, **changes, DAYBOOK_LOCK_WAIT_SECONDS="2")
            who = (
                f"pid {server.info.backend_pid} (role postgres, application repair), which holds hold_limit.activities"
            )
        assert f"  … waiting for {who}, " in ended.output, ended.output
        seconds = re.search(r"waited (\d) s", ended.last_line)
        assert seconds, ended.output
        line = f"{daybook.postgres_address}: waited {seconds[1]} s (DAYBOOK_LOCK_WAIT_SECONDS) for {who}"
        refused(ended, 1, f"{line} -- next: {AGAIN}")
        check_nothing_published(daybook, changes)


@pytest.mark.parametrize("holder", [True, False], ids=["that holds the tables", "that gave the snapshot"])
def test_a_lost_session_publishes_nothing(daybook: Daybook, driver: Driver, holder: bool) -> None:
    with source(daybook, "hold_lost", kit.plain) as changes:
        with stopped(daybook, driver, kit.LAST, **changes) as here:
            here.run.execute("SELECT pg_terminate_backend(%s)", [kit.session_of(here.run, holder)])
        gone = "the session that held the tables is gone" if holder else "server closed the connection unexpectedly"
        check_refused(here.ended, gone)
        check_nothing_published(daybook, changes)


def test_every_partition_is_locked_by_the_rights_on_the_columns_of_its_table(daybook: Daybook, driver: Driver) -> None:
    with source(daybook, "hold_parts", kit.partitioned) as changes:
        with stopped(daybook, driver, kit.UNTOUCHED, **changes) as here:
            here.run.execute(
                "SELECT relation::regclass::text FROM pg_locks WHERE pid = %s AND mode = 'AccessShareLock' "
                "AND relation::regclass::text LIKE 'hold_parts.%%' ORDER BY 1",
                [kit.session_of(here.run, holder=True)],
            )
            locked = [name for (name,) in here.run.fetchall()]
        succeeds(here.ended)
    parts = ("", "_0", "_00", "_1")
    assert locked == sorted(f"hold_parts.{table.name}{part}" for table in POSTGRES_TABLES for part in parts)


# A function reads where no lock was taken, because only executing it shows what it reads; of a foreign table the rows
# lie on another server, here the same one.
NOT_HELD = {
    "a function": """
        ALTER TABLE users RENAME TO stored_users; GRANT SELECT ON stored_users TO daybook_etl;
        CREATE FUNCTION all_users() RETURNS SETOF stored_users LANGUAGE plpgsql AS
            'BEGIN RETURN QUERY SELECT * FROM hold_not.stored_users; END';
        CREATE VIEW users AS SELECT * FROM all_users()""",
    "a foreign table": """
        ALTER TABLE users RENAME TO stored_users;
        CREATE EXTENSION postgres_fdw;
        CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw
            OPTIONS (host '{PGHOST}', port '{PGPORT}', dbname '{PGDATABASE}');
        CREATE USER MAPPING FOR PUBLIC SERVER here OPTIONS (user '{PGUSER}', password '{PGPASSWORD}');
        CREATE FOREIGN TABLE far_users (id uuid, first_name text, last_name text, email text, created_at timestamptz,
            updated_at timestamptz) SERVER here OPTIONS (schema_name 'hold_not', table_name 'stored_users');
        CREATE VIEW users AS SELECT * FROM far_users""",
}


@pytest.mark.parametrize("how", NOT_HELD)
def test_a_table_that_cannot_be_held_is_named(daybook: Daybook, driver: Driver, how: str) -> None:
    lake = daybook.own_lake("hold_not_" + how.split()[-1])
    script = "".join(kit.plain(table) + ";" for table in POSTGRES_TABLES)
    script += NOT_HELD[how].format(**daybook.stack.settings("admin"))
    with postgres_schema(daybook, "hold_not", script) as schema:
        ended = driver.run("extract_postgres", "--ds", DAY, **lake, **schema)
    succeeds(ended)
    reads = "hold_not.stored_users" if how == "a function" else "hold_not.far_users"
    assert f"users reads {reads}, which cannot be held as it is" in ended.output
    assert live(daybook, lake["DAYBOOK_BRONZE"], date.fromisoformat(DAY)).manifest.inputs["not_held"] == ["users"]
    check_published(daybook, lake, OLD)
