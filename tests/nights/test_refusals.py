"""What a database refuses is told by its code: whether it may pass, what it is, and a next step that can help.

Each refusal is a real one, of the run's servers.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from cassandra.query import BatchStatement, BatchType

from daybook.contracts.user_notifications import USER_NOTIFICATIONS
from daybook.contracts.user_session_events import USER_SESSION_EVENTS
from daybook.lake import manifest
from local.accounts import cassandra
from local.servers.cassandra import nodetool
from tests.kit.errors import stored
from tests.kit.harness import Daybook, Driver
from tests.kit.own_sources import Sources, good_row, own_sources
from tests.kit.refusals import SECRET, refusing
from tests.kit.sources import CASSANDRA_SCRIPT, DAY, cassandra_keyspace, refused, rows, succeeds
from toolchain import setup

THAT_DAY = ("--ds", "2025-01-15")
AT = datetime(2025, 1, 15, 10, tzinfo=UTC)
UP = "see that the server is up, then run the same command again"
FEWER = "wait until fewer sessions are open, or raise the limit that it names, then run the same command again"
VIEW = (
    "repair the view or function that {schema}'s tables are made of (the server's log has its words), then run the "
    "same command again"
)
ASCII = (
    "find the rows (SELECT ctid, * FROM public.groups t WHERE t::text ~ '[^[:ascii:]]' shows all that may be), write "
    "them in UTF-8, then run the same command again"
)
TIMEOUT = "see who ended it (ALTER ROLE daybook_hasty RESET statement_timeout?), then run the same command again"
# Changed settings: exit code, what is said after the place, and the next step.
LOGINS = [
    ({"PGUSER": "daybook_full"}, 1, 'too many connections for role "daybook_full"', FEWER),
    ({"PGUSER": "daybook_nologin"}, 2, 'role "daybook_nologin" is not permitted to log in',
     "correct PGUSER or PGDATABASE, or the server's pg_hba.conf"),
    ({"PGUSER": "daybook_expired"}, 2, 'password authentication failed for user "daybook_expired"',
     "correct PGUSER or PGPASSWORD"),
    ({"PGUSER": "daybook_hasty", "PG_SCHEMA": "errors_slow"}, 1, "canceling statement due to statement timeout",
     TIMEOUT),
    ({"PGDATABASE": "errors_full"}, 1, 'too many connections for database "errors_full"', FEWER),
    ({"PGDATABASE": "errors_closed"}, 1, 'database "errors_closed" is not currently accepting connections',
     "see that the database accepts connections, then run the same command again"),
    ({"PGDATABASE": "Errors private"}, 2,
     'permission denied for database "Errors private" (User does not have CONNECT privilege)',
     'GRANT CONNECT ON DATABASE "Errors private" TO daybook_etl'),
]  # fmt: skip
# What is wrong with a table, and is said of it.
TABLES = [
    ("errors_division", "division by zero (SQLSTATE 22012)", VIEW),
    ("errors_raise", "raise exception (SQLSTATE P0001)", VIEW),
    ("errors_writes", "read only sql transaction (SQLSTATE 25006)", VIEW),
    ("errors_names_none", "undefined table (SQLSTATE 42P01)", VIEW),
]


@pytest.fixture(scope="module")
def postgres(daybook: Daybook) -> Iterator[dict[str, str]]:
    """The server, which refuses in all these ways."""
    with refusing(daybook):
        yield daybook.stack.settings("etl")


@pytest.fixture(scope="module")
def sources(daybook: Daybook) -> Iterator[Sources]:
    with own_sources(daybook, "refusals") as ours:
        yield ours


@pytest.mark.parametrize(("changes", "code", "reason", "then"), LOGINS, ids=lambda value: str(value)[:40])
def test_a_login_or_statement_that_postgresql_refuses_is_told_by_its_code(
    daybook: Daybook,
    driver: Driver,
    postgres: dict[str, str],
    changes: dict[str, str],
    code: int,
    reason: str,
    then: str,
) -> None:
    lake = daybook.own_lake("refused_logins")
    used = postgres | lake | ({"PGPASSWORD": SECRET} if "PGUSER" in changes else {}) | changes
    ended = driver.run("extract_postgres", *THAT_DAY, **used)
    where = f"PostgreSQL {used['PGHOST']}:{used['PGPORT']}/{used['PGDATABASE']} as {used['PGUSER']}"
    refused(ended, code, f"{where}: {reason} -- next: {then}")
    assert SECRET not in ended.output and stored(daybook, lake) == {}


@pytest.mark.parametrize(("schema", "reason", "then"), TABLES, ids=lambda value: str(value)[:20])
def test_a_table_that_postgresql_cannot_give_is_named_and_no_retry_is_advised(
    daybook: Daybook, driver: Driver, postgres: dict[str, str], schema: str, reason: str, then: str
) -> None:
    lake = daybook.own_lake("refused_tables")
    ended = driver.run("extract_postgres", *THAT_DAY, **lake, PG_SCHEMA=schema)
    refused(ended, 3, f"PostgreSQL table {schema}.groups: {reason} -- next: {then.format(schema=schema)}")
    assert stored(daybook, lake) == {}


def test_text_in_another_encoding_is_named_with_its_table_and_how_to_find_it(
    daybook: Daybook, driver: Driver, postgres: dict[str, str]
) -> None:
    lake = daybook.own_lake("refused_text")
    ended = driver.run("extract_postgres", *THAT_DAY, **lake, PGDATABASE="errors_ascii")
    reason = "character not in repertoire (SQLSTATE 22021) (the database is in SQL_ASCII)"
    refused(ended, 3, f"PostgreSQL table public.groups: {reason} -- next: {ASCII}")
    assert stored(daybook, lake) == {}


def in_bronze(daybook: Daybook, lake: dict[str, str], table: str) -> int:
    """How many rows of that day are published."""
    live = manifest.read(daybook.store, daybook.batch("bronze", table, date.fromisoformat(THAT_DAY[1]), **lake))
    assert live, f"{table} is published"
    return live.manifest.tables[table].rows


def test_a_time_that_spark_cannot_hold_is_named_with_the_query_that_finds_it_and_once_corrected_is_read(
    daybook: Daybook, driver: Driver, sources: Sources
) -> None:
    lake, last = daybook.own_lake("beyond_spark"), 9_223_372_036_854_775
    insert = "INSERT INTO refusals.user_notifications (user_id, notification_time, notification_id, modified_at) "
    sources.session.execute(f"{insert} VALUES (%s, %s, %s, {last + 1})", (UUID(int=1), AT, UUID(int=1)))
    asked = (*THAT_DAY, "--table", "user_notifications")
    ended = driver.run("extract_cassandra", *asked, **lake, **sources.settings)
    line = "holds a time beyond 294247-01-10, the last that Spark can hold, or as far back"
    query = f"SELECT * FROM refusals.user_notifications WHERE modified_at > {last} ALLOW FILTERING"
    then = f"find its row ({query}) and correct it, then run the same command again"
    refused(ended, 3, f"Cassandra table refusals.user_notifications 2025-01-15 {line} -- next: {then}")
    assert stored(daybook, lake) == {}
    found = sources.session.execute(query.replace("*", "user_id")).all()  # Python's driver cannot hold it, either
    assert [row.user_id for row in found] == [UUID(int=1)]
    sources.session.execute(f"{insert} VALUES (%s, %s, %s, %s)", (UUID(int=1), AT, UUID(int=1), AT))
    succeeds(driver.run("extract_cassandra", *asked, **lake, **sources.settings))
    assert in_bronze(daybook, lake, "user_notifications") == 1


def test_a_year_that_spark_holds_and_no_calendar_does_is_a_rejected_row(
    daybook: Daybook, driver: Driver, sources: Sources
) -> None:
    lake, day = daybook.own_lake("far_years"), ("--ds", DAY, "--table", "user_notifications")
    at = datetime.fromisoformat(f"{DAY}T10:00:00Z")
    sources.insert(USER_NOTIFICATIONS, [good_row(USER_NOTIFICATIONS, number, at) for number in range(20)])
    insert = "INSERT INTO refusals.user_notifications (user_id, notification_time, notification_id, modified_at) "
    sources.session.execute(f"{insert} VALUES (%s, %s, %s, 9223372036854775)", (UUID(int=99), at, UUID(int=99)))
    assert driver.run("extract_cassandra", *day, **lake, **sources.settings).code == 0
    assert driver.run("silver", *day, **lake).code == 0
    columns = ("modified_at", "array_to_string(reasons, ' ')")
    found = rows(daybook, lake, "silver", "user_notifications", *columns, rejected=True)
    assert found == [("+294247-01-10T04:00:54.775000Z", "modified_at:type")]


def test_too_many_deleted_rows_are_named_with_limit_table_and_day_stop_that_day_alone_and_compacted_it_is_read(
    daybook: Daybook, driver: Driver, sources: Sources, jmx_port: int
) -> None:
    lake, table = daybook.own_lake("tombstones"), "refusals.user_session_events"
    sources.insert(USER_SESSION_EVENTS, [good_row(USER_SESSION_EVENTS, 2, AT)])
    delete = sources.session.prepare(f"DELETE FROM {table} WHERE user_id = ? AND event_time = ? AND session_id = ?")
    for first in range(0, 110_000, 500):
        batch = BatchStatement(BatchType.UNLOGGED)
        for number in range(first, first + 500):
            batch.add(delete, (UUID(int=1), AT, UUID(int=number)))
        sources.session.execute(batch)
    days = [AT.date() + timedelta(days=n) for n in (-1, 0, 1)]
    three = ("--from", str(days[0]), "--to", str(days[-1]), "--table", "user_session_events")
    ended = driver.run("extract_cassandra", *three, **lake, **sources.settings)
    where = f"Cassandra {sources_host(daybook)}"
    line = f"{where}: {table} 2025-01-15 lies under more deleted or expired rows than tombstone_failure_threshold"
    then = "when the table's gc_grace_seconds are over, nodetool compact refusals user_session_events, or raise the "
    refused(ended, 1, f"{line} -- next: {then}threshold in cassandra.yaml; then run the same command again")
    found = [manifest.read(daybook.store, daybook.batch("bronze", "user_session_events", day, **lake)) for day in days]
    assert [live is not None for live in found] == [True, False, True]
    sources.session.execute(f"ALTER TABLE {table} WITH gc_grace_seconds = 0")  # over: they count no more, and may go
    tools = setup.load()
    nodetool(tools.java_home, tools.cassandra_jars, jmx_port, "compact", *table.split("."))
    succeeds(driver.run("extract_cassandra", *three, **lake, **sources.settings))
    assert in_bronze(daybook, lake, "user_session_events") == 1


def test_a_consistency_that_the_nodes_that_are_up_cannot_give_may_pass(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("few_replicas")
    with cassandra_keyspace(daybook, "few_replicas", CASSANDRA_SCRIPT) as settings:
        with cassandra.connect(daybook.stack.settings("admin")) as session:
            copies = "{'class': 'SimpleStrategy', 'replication_factor': 3}"
            session.execute(f"ALTER KEYSPACE few_replicas WITH replication = {copies}")
        ended = driver.run("extract_cassandra", *THAT_DAY, "--table", "group_messages", **lake, **settings)
    line = "Not enough replicas available for query at consistency LOCAL_QUORUM (2 required but only 1 alive)"
    then = (
        "see that all nodes are up (nodetool status), or lower CASSANDRA_CONSISTENCY, then run the same command again"
    )
    refused(ended, 1, f"Cassandra {sources_host(daybook)}: {line} -- next: {then}")


def test_tls_asked_of_a_cluster_without_it_is_a_setting(daybook: Daybook, driver: Driver) -> None:
    trusted = f"{setup.load().java_home}/lib/security/cacerts"
    tls = {"CASSANDRA_SSL_TRUSTSTORE": trusted, "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": "changeit"}
    ended = driver.run("extract_cassandra", *THAT_DAY, "--table", "group_messages", **daybook.own_lake("tls"), **tls)
    then = "correct CASSANDRA_SSL_TRUSTSTORE, or unset it for a cluster without TLS"
    refused(ended, 2, f"Cassandra {sources_host(daybook)}: does not speak TLS -- next: {then}")


def sources_host(daybook: Daybook) -> str:
    etl = daybook.stack.settings("etl")
    return f"{etl['CASSANDRA_HOSTS']}:{etl['CASSANDRA_PORT']}"
