"""A server that goes away half-way: the job names it, ends with 1, publishes nothing more, and leaves no debris.

"Half-way" is no guess: PostgreSQL gives a row only while nobody holds a lock, so a job that reads is seen waiting;
and of many table-days in Cassandra the first is published before the server is killed.
"""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

import psycopg2
import pytest

from daybook.lake import manifest
from local.accounts import cassandra as cql
from local.accounts import objectstore, postgres
from local.servers.cassandra import process as cassandra_process
from local.servers.minio import process as store_process
from local.servers.postgres import process as postgres_process
from local.stack import Stack
from tests.kit.errors import stored
from tests.kit.harness import Daybook, Driver, until
from tests.kit.hold import Relay
from tests.kit.sources import succeeds

DAY = ("--ds", "2025-01-15")
UP = "see that the server is up, then run the same command again"
LOCK = 7
# Counting the rows passes, reading them waits for the lock.
VIEWS = f"""
CREATE SCHEMA slow;
GRANT USAGE ON SCHEMA slow TO daybook_etl;
CREATE FUNCTION slow.when_free(value text) RETURNS text LANGUAGE plpgsql STABLE AS
    'BEGIN
        IF current_query() NOT LIKE ''%count(%'' THEN PERFORM pg_advisory_xact_lock_shared({LOCK}); END IF;
        RETURN value;
    END';
CREATE VIEW slow.groups AS SELECT * FROM public.groups;
CREATE VIEW slow.groups_users_user AS SELECT * FROM public.groups_users_user;
CREATE VIEW slow.activities AS SELECT * FROM public.activities;
CREATE VIEW slow.notification_states AS SELECT * FROM public.notification_states;
CREATE VIEW slow.users AS
    SELECT id, slow.when_free(first_name) AS first_name, last_name, email, created_at, updated_at FROM public.users;
GRANT SELECT ON ALL TABLES IN SCHEMA slow TO daybook_etl;
INSERT INTO users VALUES (gen_random_uuid(), 'Ada', 'L', 'ada@example.org', 'x', now(), now())
"""


# Who holds the tables gives the sessions of the run a lock that bears its process id.
HELD = "wait_event IS DISTINCT FROM 'advisory'"
HOLDER = "pid IN (SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2)"
BACKENDS = {
    "partition": "wait_event = 'advisory'",
    "snapshot": f"{HELD} AND NOT {HOLDER}",
    "holder": f"{HELD} AND {HOLDER}",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers that may be stopped: those of the run serve the other tests."""
    stack = Stack(tmp_path_factory.mktemp("spare"))
    try:
        stack.up()
        with closing(postgres.connect(stack.settings("admin"))) as server, server, server.cursor() as run:
            run.execute(VIEWS)
        yield stack
    finally:
        stack.clean()


@pytest.fixture
def spare(home: Stack) -> Stack:
    """All of them up again, for each test."""
    home.up()
    return home


def source(stack: Stack) -> dict[str, str]:
    """The settings of the databases that may be stopped."""
    return {n: v for n, v in stack.settings("etl").items() if n.startswith(("PG", "CASS"))} | {"PG_SCHEMA": "slow"}


def where(stack: Stack) -> str:
    etl = stack.settings("etl")
    return f"PostgreSQL {etl['PGHOST']}:{etl['PGPORT']}/{etl['PGDATABASE']} as {etl['PGUSER']}"


@contextmanager
def reading(stack: Stack, driver: Driver, **changes: str) -> Iterator[Any]:
    """An extraction in the middle of reading `users`; when the block ends, it may go on. Gives a cursor."""
    with closing(postgres.connect(stack.settings("admin"))) as server, server.cursor() as run:
        server.autocommit = True
        run.execute(f"SELECT pg_advisory_lock({LOCK})")
        driver.begin("extract_postgres", *DAY, **changes)
        until(lambda: pids(run, "wait_event = 'advisory'"), "it waits for the lock", driver)
        yield run  # the lock goes with the connection


@contextmanager
def password(stack: Stack, secret: str) -> Iterator[None]:
    """The reading role has this password on those servers until the block ends."""
    own = stack.settings("etl")["PGPASSWORD"]
    with closing(postgres.connect(stack.settings("admin"))) as server, server.cursor() as run:
        server.autocommit = True
        run.execute("ALTER ROLE daybook_etl PASSWORD %s", [secret])
        try:
            yield
        finally:
            run.execute("ALTER ROLE daybook_etl PASSWORD %s", [own])


def pids(run: Any, which: str) -> list[int]:
    run.execute(f"SELECT pid FROM pg_stat_activity WHERE application_name = 'daybook' AND {which}")
    return [pid for (pid,) in run.fetchall()]


def users(daybook: Daybook, lake: dict[str, str]) -> int:
    """How many users are in bronze of the day."""
    live = manifest.read(daybook.store, daybook.batch("bronze", "users", date.fromisoformat(DAY[1]), **lake))
    assert live, "the day is published"
    return live.manifest.tables["users"].rows


@pytest.mark.parametrize(
    ("whose", "reason", "then"),
    [
        ("partition", "admin shutdown (SQLSTATE 57P01)", UP),
        # An idle client learns only that the line is dead, and only when it asks the next question.
        ("snapshot", "server closed the connection unexpectedly", "run the same command again"),
        ("holder", "the session that held the tables is gone", "run the same command again"),
    ],
)
def test_a_postgres_connection_that_is_ended_is_told_and_the_same_command_again_reads_the_day(
    daybook: Daybook, driver: Driver, spare: Stack, whose: str, reason: str, then: str
) -> None:
    lake = daybook.own_lake(f"connection_ended_{whose}")
    with reading(spare, driver, **lake, **source(spare)) as run:
        (pid,) = pids(run, BACKENDS[whose])
        run.execute("SELECT pg_terminate_backend(%s)", [pid])
    ended = driver.end()
    line = f"{where(spare)}: {reason} -- next: {then}"
    assert (ended.code, ended.last_line) == (1, f"failed (exit 1): {line}"), ended.output
    assert "Traceback" not in ended.output and stored(daybook, lake) == {}
    succeeds(driver.run("extract_postgres", *DAY, **lake, **source(spare)))
    assert users(daybook, lake) == 1


def test_postgres_stopped_half_way_and_still_down(daybook: Daybook, driver: Driver, spare: Stack) -> None:
    lake = daybook.own_lake("postgres_stopped")
    with reading(spare, driver, **lake, **source(spare)):
        postgres_process(spare.home).stop()
    ended = driver.end()
    lines = (  # whoever notices first: who reads, or who holds the tables
        f"{where(spare)}: admin shutdown (SQLSTATE 57P01) -- next: {UP}",
        f"{where(spare)}: the session that held the tables is gone -- next: run the same command again",
    )
    assert ended.code == 1 and ended.last_line in [f"failed (exit 1): {line}" for line in lines], ended.output
    again = driver.run("extract_postgres", *DAY, **lake, **source(spare))
    assert (again.code, again.last_line) == (
        1,
        f"failed (exit 1): {where(spare)}: Connection refused -- next: {UP}",
    )
    assert "Traceback" not in ended.output + again.output and stored(daybook, lake) == {}
    with pytest.raises(psycopg2.OperationalError):
        postgres.connect(spare.settings("admin"))


def test_an_address_that_leads_to_two_servers_is_refused_and_that_of_one_is_read(
    daybook: Daybook, driver: Driver, spare: Stack
) -> None:
    lake, etl = daybook.own_lake("two_servers"), daybook.stack.settings("etl")
    relay = Relay("nothing is held back", int(etl["PGPORT"]), int(spare.settings("etl")["PGPORT"]))
    with closing(relay), password(spare, etl["PGPASSWORD"]):
        ended = driver.run("extract_postgres", *DAY, **lake, PGPORT=str(relay.port))
    place = f"PostgreSQL {etl['PGHOST']}:{relay.port}/{etl['PGDATABASE']} as {etl['PGUSER']}"
    line = f"{place}: leads to more than one server -- next: set PGHOST and PGPORT to one server, no balancer"
    assert (ended.code, ended.last_line) == (2, f"failed (exit 2): {line}"), ended.output
    assert stored(daybook, lake) == {}
    succeeds(driver.run("extract_postgres", *DAY, **lake))
    assert users(daybook, lake) == 60


def test_the_object_store_stopped_half_way(daybook: Daybook, spare: Stack) -> None:
    etl = spare.settings("etl")
    with daybook.driver(**etl) as own:
        with reading(spare, own, PG_SCHEMA="slow"):
            store_process(spare.home).stop()
        ended = own.end()
    place = f"object store {etl['AWS_ENDPOINT_URL_S3']}: s3a://bronze/users/2025-01-15"
    assert (ended.code, ended.last_line) == (1, f"failed (exit 1): {place}: ConnectException -- next: {UP}"), (
        ended.output
    )
    assert "Traceback" not in ended.output
    spare.up()
    left = objectstore.connect(spare.settings("admin")).list_objects_v2(Bucket="bronze").get("Contents", [])
    beside = re.compile("_runs/|.*/_attempts/")  # the record of the run, written before the store stopped
    assert [item["Key"] for item in left if not beside.match(item["Key"])] == []


def test_executors_whose_keys_may_not_write(daybook: Daybook) -> None:
    lake, loader, etl = daybook.own_lake("executors"), daybook.stack.settings("loader"), daybook.stack.settings("etl")
    keys = {name: etl[name] for name in loader}
    with daybook.driver(**loader) as own:
        ended = own.run("extract_postgres", *DAY, **lake, **keys)
    place = f"object store {etl['AWS_ENDPOINT_URL_S3']}: {lake['DAYBOOK_BRONZE']}/users/2025-01-15"
    line = f"{place}: Forbidden -- next: see that the bucket is there, and grant it (README, “Your own databases”)"
    assert (ended.code, ended.last_line) == (2, f"failed (exit 2): {line}"), ended.output
    assert "Traceback" not in ended.output and stored(daybook, lake) == {}


def test_cassandra_killed_half_way_and_still_down(daybook: Daybook, driver: Driver, spare: Stack) -> None:
    lake, changes = daybook.own_lake("cassandra_killed"), source(spare)
    driver.begin("extract_cassandra", "--from", "2025-01-01", "--to", "2025-01-31", **lake, **changes)
    until(lambda: any(name.endswith("/_MANIFEST.json") for name in stored(daybook, lake)), "it has published", driver)
    pid = cassandra_process(spare.home).pid()
    assert pid
    os.kill(pid, signal.SIGKILL)
    ended = driver.end()
    line = f"Cassandra {changes['CASSANDRA_HOSTS']}:{changes['CASSANDRA_PORT']}: not reached -- next: {UP}"
    assert (ended.code, ended.last_line) == (1, f"failed (exit 1): {line}"), ended.output
    again = driver.run("extract_cassandra", *DAY, **lake, **changes)
    assert (again.code, again.last_line) == (1, f"failed (exit 1): {line}"), again.output
    assert "Traceback" not in ended.output + again.output
    assert daybook.unnamed(lake["DAYBOOK_BRONZE"]) == set()
    with pytest.raises(Exception, match="Unable to connect"), cql.connect(spare.settings("admin")):
        pass
