"""PostgreSQL columns and relations of other kinds than the demonstration's: read right, or refused in one line."""

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date

import pytest

from daybook import settings
from daybook.contracts.model import Column, SourceTable
from daybook.errors import DataError
from daybook.sources import postgres, postgres_sql
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import DAY, POSTGRES_SCRIPT, entry, postgres_schema, refused, rows, succeeds

USER, OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
AT = f"{DAY} 10:00:00+0000"

# citext is made here as its extension makes it, because not every server has the extension; in a schema of its own,
# as many servers keep their extensions.
OTHER_TYPES = f"""
CREATE SCHEMA other_types_extensions;
CREATE TYPE other_types_extensions.citext;
CREATE FUNCTION other_types_extensions.citextin(cstring) RETURNS other_types_extensions.citext
    LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION other_types_extensions.citextout(other_types_extensions.citext) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE other_types_extensions.citext (
    INPUT = other_types_extensions.citextin, OUTPUT = other_types_extensions.citextout, LIKE = text, CATEGORY = 'S');
CREATE DOMAIN short_text AS varchar(40);
CREATE DOMAIN identifier AS short_text;
CREATE TYPE state AS ENUM ('clicked', 'sent');

CREATE TABLE users (id other_types_extensions.citext, first_name other_types_extensions.citext, last_name char(3),
                    email text, created_at date, updated_at timestamp);
INSERT INTO users VALUES ('{USER.upper()}', 'Ann', 'Lee', 'a@b', '{DAY}', '{DAY} 23:30:00.000001');
CREATE TABLE groups (id varchar(36), name varchar, description text, created_at text, updated_at timestamp);
INSERT INTO groups VALUES ('{USER.upper()}', '', NULL, '28/02/2025 10:20', '{DAY} 00:00');
CREATE TABLE groups_users_user (groups_id identifier, users_id text);
INSERT INTO groups_users_user VALUES ('{USER.upper()}', ' {OTHER.upper()} ');
CREATE TABLE activities (id char(36), group_id uuid, user_id smallint, activity_type text, title text,
                         description text, location text, scheduled_at bigint, status text, created_at date);
INSERT INTO activities VALUES ('{USER}', NULL, NULL, 'run', 't', 'd', 'l', 1740823200, 'open', 'infinity');
CREATE TABLE notification_states (id uuid, user_id text, notification_id text, status state, updated_at timestamp);
INSERT INTO notification_states VALUES ('{USER}', '{USER}', '{OTHER}', 'clicked', '{DAY} 00:00'),
    ('{OTHER}', '{USER}', '{OTHER}', 'sent', '{DAY} 23:59:59.999999'),
    ('{OTHER}', '{USER}', '{OTHER}', 'sent', '2025-02-28 23:59:59.999999'),
    ('{OTHER}', '{USER}', '{OTHER}', 'sent', '2025-03-02 00:00'), ('{OTHER}', '{USER}', '{OTHER}', 'sent', NULL);
"""


@contextmanager
def unusual_role(daybook: Daybook) -> Iterator[None]:
    """The reading role prefers all that changes how the server shows, names, takes or guards what is read."""
    preferred = {
        "TimeZone": "Asia/Tokyo", "DateStyle": "German", "IntervalStyle": "sql_standard", "extra_float_digits": "-15",
        "bytea_output": "escape", "quote_all_identifiers": "on", "standard_conforming_strings": "off",
        "client_encoding": "LATIN1", "search_path": "", "transform_null_equals": "on", "row_security": "on",
        "default_transaction_isolation": "serializable", "default_transaction_deferrable": "on",
        "idle_in_transaction_session_timeout": "200ms", "lock_timeout": "1ms",
    }  # fmt: skip
    with daybook.postgres("admin") as server, server.cursor() as run:
        for name, value in preferred.items():
            run.execute(f"ALTER ROLE daybook_etl SET {name} = '{value}'")
    try:
        yield
    finally:
        with daybook.postgres("admin") as server, server.cursor() as run:
            for name in preferred:
                run.execute(f"ALTER ROLE daybook_etl RESET {name}")


def test_texts_dates_and_times_without_a_zone_are_read_as_they_are_whatever_the_role_prefers(
    daybook: Daybook, driver: Driver
) -> None:
    own = daybook.own_lake("other_types")
    try:
        with postgres_schema(daybook, "other_types", OTHER_TYPES) as schema, unusual_role(daybook):
            succeeds(driver.run("extract_postgres", "--ds", DAY, **own, **schema))
    finally:
        with daybook.postgres("admin") as server, server.cursor() as run:
            run.execute("DROP SCHEMA IF EXISTS other_types_extensions CASCADE")

    def bronze(table: str, *columns: str) -> list[tuple[str | None, ...]]:
        return rows(daybook, own, "bronze", table, *columns)

    assert bronze("users", "id", "first_name", "created_at", "updated_at") == [
        (USER.upper(), "Ann", DAY, f"{DAY}T23:30:00.000001Z")
    ]
    assert bronze("groups", "id", "name", "description", "created_at", "updated_at") == [
        (USER.upper(), "", None, "28/02/2025 10:20", f"{DAY}T00:00:00.000000Z")
    ]
    assert bronze("activities", "id", "scheduled_at", "created_at") == [(USER, "1740823200", "infinity")]
    assert bronze("notification_states", "id", "status", "updated_at") == [
        (USER, "clicked", f"{DAY}T00:00:00.000000Z"), (OTHER, "sent", f"{DAY}T23:59:59.999999Z")
    ]  # fmt: skip
    assert entry(daybook, own, "bronze", "notification_states").ledger["without_time"] == 1

    succeeds(driver.run("silver", "--ds", DAY, *(f"--table={t}" for t in ("groups", "groups_users_user")), **own))
    instants = [f"make_timestamp(epoch_us({column}))" for column in ("created_at", "updated_at")]
    assert rows(daybook, own, "silver", "groups", "id", *instants) == [
        (USER, "2025-02-28 10:20:00", "2025-03-01 00:00:00")
    ]
    assert rows(daybook, own, "silver", "groups_users_user", "groups_id", "users_id") == [(USER, OTHER)]


@pytest.mark.parametrize("type_", ["text", "date"])
def test_a_day_cannot_be_cut_by_a_column_that_is_no_moment(daybook: Daybook, driver: Driver, type_: str) -> None:
    own, name = daybook.own_lake(f"cut_by_{type_}"), f"cut_by_{type_}"
    change = f"ALTER TABLE notification_states ALTER updated_at TYPE {type_} USING NULL"
    with postgres_schema(daybook, name, POSTGRES_SCRIPT + change) as schema:
        ended = driver.run("extract_postgres", "--ds", DAY, **own, **schema)
    refused(
        ended,
        3,
        f"PostgreSQL table {name}.notification_states.updated_at is {type_};"
        " expected timestamp with time zone or timestamp without time zone",
    )
    assert daybook.stored(own["DAYBOOK_BRONZE"]) == {}


AMOUNTS = {
    "numeric": {"12345678901234567890.120": "12345678901234567890.120", "NaN": "NaN", "1e-9": "0.000000001"},
    "numeric(10,2)": {"9.50": "9.50", "-0.01": "-0.01"},
    "double precision": {
        "0.1": "0.1", "1e22": "1e+22", "123456789.12": "123456789.12", "-Infinity": "-Infinity",
        "0.30000000000000004": "0.30000000000000004", "1234567.1234565": "1234567.1234565",
    },
    "money": {"1234567.89": "1234567.89", "-5": "-5.00"},
    "text": {"10 EUR": "10 EUR", "": ""},
    "price": {"1000": "1000.00"},
}  # fmt: skip


def sales(daybook: Daybook, type_: str, values: str) -> str:
    """A table with an amount of this type; a price is a domain over money."""
    prices = "CREATE DOMAIN price AS money;" if type_ == "price" else ""
    return f"{prices}CREATE TABLE sales (amount {type_}); INSERT INTO sales VALUES {values}; " + (
        "GRANT SELECT ON sales TO daybook_etl"
    )


SALES = SourceTable(
    name="sales",
    source="postgres",
    grain="One row per sale.",
    columns=(Column("amount", "decimal(18,6)", "The price.", required=True),),
    key=("amount",),
)


def nothing() -> None:
    """There is no Spark job to stop."""


@pytest.mark.parametrize("type_", AMOUNTS)
def test_an_amount_in_postgresql_is_read_to_its_last_digit(daybook: Daybook, type_: str) -> None:
    values = ", ".join(f"('{amount}')" for amount in AMOUNTS[type_])
    with (
        postgres_schema(daybook, "amounts", sales(daybook, type_, values)) as schema,
        unusual_role(daybook),
        postgres.snapshot(replace(settings.postgres(), schema=schema["PG_SCHEMA"]), [SALES], nothing) as snapshot,
        daybook.postgres("etl") as partition,
        partition.cursor() as cursor,
    ):
        cursor.execute(postgres_sql.join_snapshot(snapshot.id, "SELECT 1"))
        types = snapshot.relation(SALES).types
        cursor.execute(postgres_sql.select("amounts", SALES, types, [date(2025, 3, 1)], by_block=False))
        assert [amount for (amount,) in cursor.fetchall()] == list(AMOUNTS[type_].values())


@pytest.mark.parametrize("type_", ["real", "bigint"])
def test_an_amount_of_another_type_is_refused(daybook: Daybook, type_: str) -> None:
    with (
        postgres_schema(daybook, "amounts", sales(daybook, type_, "(1)")) as schema,
        pytest.raises(DataError) as error,
        postgres.snapshot(replace(settings.postgres(), schema=schema["PG_SCHEMA"]), [SALES], nothing) as snapshot,
    ):
        snapshot.relation(SALES)
    assert str(error.value) == (
        f"PostgreSQL table amounts.sales.amount is {type_}; expected numeric or double precision or money or text or"
        " character varying or character or citext"
    )


# Each row of the two views shows which snapshot the server gave to whoever read it.
OTHER_RELATIONS = f"""
CREATE TABLE people AS SELECT md5(n::text)::uuid AS id, repeat('x', 90) AS filler FROM generate_series(1, 900) AS n;
CREATE VIEW users AS SELECT id, txid_current_snapshot()::text AS first_name, filler AS last_name, 'a@b' AS email,
    timestamptz '{AT}' AS created_at, timestamptz '{AT}' AS updated_at FROM people;
CREATE VIEW activities AS SELECT id, NULL::uuid AS group_id, id AS user_id, 'run' AS activity_type,
    txid_current_snapshot()::text AS title, '' AS description, '' AS location, '' AS scheduled_at, '' AS status,
    timestamptz '{AT}' AS created_at FROM people;
CREATE TABLE groups (id uuid, name text, description text, created_at timestamptz, updated_at timestamptz)
    PARTITION BY HASH (id);
CREATE TABLE groups_0 PARTITION OF groups FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE groups_1 PARTITION OF groups FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO groups SELECT id, filler, filler, '{AT}', '{AT}' FROM people;
CREATE MATERIALIZED VIEW groups_users_user AS SELECT id AS groups_id, id AS users_id FROM people;
CREATE UNLOGGED TABLE notification_states (id uuid, user_id uuid, notification_id uuid, status text,
                                           updated_at timestamptz);
INSERT INTO notification_states SELECT id, id, id, 'SENT', '{AT}' FROM people;
"""


@contextmanager
def others_writing(daybook: Daybook) -> Iterator[None]:
    """Transactions come and go meanwhile, so that no two snapshots are the same."""
    done = threading.Event()

    def write() -> None:
        with closing(daybook.postgres("admin")) as server, server.cursor() as run:
            server.autocommit = True
            while not done.wait(0.02):
                run.execute("SELECT txid_current()")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


def test_views_and_partitioned_tables_are_read_whole_and_in_the_one_snapshot(daybook: Daybook, driver: Driver) -> None:
    own = daybook.own_lake("other_relations")
    with postgres_schema(daybook, "other_relations", OTHER_RELATIONS) as schema, others_writing(daybook):
        with daybook.postgres("admin") as server, server.cursor() as run:
            run.execute("SELECT id::text FROM other_relations.people ORDER BY 1")
            people = run.fetchall()
        succeeds(driver.run("extract_postgres", "--ds", DAY, **own, **schema))
    ids = dict.fromkeys(("users", "groups", "activities", "notification_states"), "id")
    for table, column in (ids | {"groups_users_user": "users_id"}).items():
        assert rows(daybook, own, "bronze", table, column) == people, table
    in_parts = {table: len(entry(daybook, own, "bronze", table).files) for table in ("users", "activities", "groups")}
    assert in_parts == {"users": 1, "activities": 1, "groups": 1}
    seen = [rows(daybook, own, "bronze", *shown) for shown in (("users", "first_name"), ("activities", "title"))]
    assert len({snapshot for shown in seen for (snapshot,) in shown}) == 1


# Which rows a session sees: as many as the clock or chance says; all but one, unless it counts.
PEOPLE = "(SELECT md5(n::text)::uuid AS id, n FROM generate_series(1, 5000) AS n) AS people"
BY_CLOCK = "WHERE n <= (extract(epoch FROM now()) * 1000)::bigint % 5000"
BY_CHANCE = "WHERE n <= (SELECT random() * 5000)"
BY_QUERY = "WHERE n > 1 OR current_query() ~ 'count'"


def unsteady(table: str, condition: str) -> str:
    """All tables, one of them a view."""
    columns = {
        "users": f"id, '' AS first_name, '' AS last_name, 'a@b' AS email, timestamptz '{AT}' AS created_at,"
        f" timestamptz '{AT}' AS updated_at",
        "notification_states": f"id, id AS user_id, id AS notification_id, 'SENT' AS status,"
        f" timestamptz '{AT}' AS updated_at",
    }
    view = f"CREATE VIEW {table} AS SELECT {columns[table]} FROM {PEOPLE} {condition}"
    return f"{POSTGRES_SCRIPT}; DROP TABLE {table}; {view}"


@pytest.mark.parametrize(
    ("table", "condition"),
    [("users", BY_CLOCK), ("users", BY_CHANCE), ("notification_states", BY_CLOCK), ("notification_states", BY_CHANCE)],
)
def test_a_view_that_asks_the_clock_or_chance_is_told_as_that(
    daybook: Daybook, driver: Driver, table: str, condition: str
) -> None:
    own, name = daybook.own_lake("unsteady"), "unsteady"
    with postgres_schema(daybook, name, unsteady(table, condition)) as schema:
        ended = driver.run("extract_postgres", "--ds", DAY, **own, **schema)
    counts = r"PostgreSQL counts [0-9,]+ rows, [0-9,]+ were read, and another session counts [0-9,]+"
    told = f"{name}.{table} gives each session other rows of one snapshot"
    then = f"make the view {name}.{table} without now\\(\\), random\\(\\)"
    assert re.search(rf"failed \(exit 1\): bronze {table} {DAY}: {counts}: {told} -- next: {then}", ended.last_line)
    assert ended.code == 1 and daybook.stored(own["DAYBOOK_BRONZE"]) == {}


def test_once_the_view_asks_neither_the_same_command_reads_it(daybook: Daybook, driver: Driver) -> None:
    own, name = daybook.own_lake("made_still"), "made_still"
    still = unsteady("users", "WHERE n <= 4999").rpartition("; CREATE VIEW ")[2]
    with postgres_schema(daybook, name, unsteady("users", BY_CHANCE)) as schema:
        failed = driver.run("extract_postgres", "--ds", DAY, **own, **schema)
        assert failed.code == 1 and f"make the view {name}.users without now()" in failed.last_line
        with daybook.postgres("admin") as server, server.cursor() as run:
            run.execute(f"CREATE OR REPLACE VIEW {name}.{still}")
        succeeds(driver.run("extract_postgres", "--ds", DAY, **own, **schema))
    assert entry(daybook, own, "bronze", "users").rows == 4999


@pytest.mark.parametrize("table", ["users", "notification_states"])
def test_a_row_that_was_not_read_breaks_the_contract_where_every_count_is_the_same(
    daybook: Daybook, driver: Driver, table: str
) -> None:
    own = daybook.own_lake("row_not_read")
    with postgres_schema(daybook, "row_not_read", unsteady(table, BY_QUERY)) as schema:
        ended = driver.run("extract_postgres", "--ds", DAY, **own, **schema)
    refused(ended, 3, f"bronze {table} {DAY}: PostgreSQL counts 5,000 rows, 4,999 were read")
    assert daybook.stored(own["DAYBOOK_BRONZE"]) == {}
