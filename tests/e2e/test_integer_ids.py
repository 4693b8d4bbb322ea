"""Integer ids: one user is the same UUID in every table, from two sources up to the warehouse."""

from collections.abc import Iterator
from datetime import date
from itertools import cycle
from uuid import UUID, uuid5

import duckdb
import pytest

from daybook.lake import manifest
from local.accounts.cassandra import statements
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import (
    CASSANDRA_SCRIPT,
    DAY,
    POSTGRES_SCRIPT,
    cassandra_keyspace,
    entry,
    postgres_schema,
    refused,
    rows,
    succeeds,
)

NAMESPACE = UUID("8d2f6a54-2c5e-4d0e-9d50-6f3f4f0a7c11")
AT = f"{DAY} 10:00:00+0000"

INTEGER_ROWS_OF_POSTGRES = f"""
INSERT INTO users (id, email, password, updated_at) VALUES (17, 'a@b', '-', '{AT}');
INSERT INTO groups (id, updated_at) VALUES (3, '{AT}');
INSERT INTO groups_users_user VALUES (3, 17);
INSERT INTO activities (id, group_id, user_id, created_at) VALUES (5, 3, 17, '{AT}');
INSERT INTO notification_states VALUES (9, 17, 21, 'CLICKED', '{AT}');
"""
INTEGER_ROWS_OF_CASSANDRA = f"""
INSERT INTO group_messages (group_id, created_at, message_id, user_id) VALUES (3, '{AT}', 1, 17);
INSERT INTO user_notifications (user_id, notification_time, notification_id) VALUES (17, '{AT}', 21);
INSERT INTO user_purchases (user_id, purchase_time, purchase_id, amount, currency) VALUES (17, '{AT}', 8, 9.5, 'EUR');
INSERT INTO user_session_events (user_id, event_time, session_id, event_type) VALUES (17, '{AT}', 4, 'START');
"""
INTEGER_IDS = {
    "users": {"id": "user-17"},
    "groups": {"id": "group-3"},
    "groups_users_user": {"groups_id": "group-3", "users_id": "user-17"},
    "activities": {"id": "activity-5", "group_id": "group-3", "user_id": "user-17"},
    "notification_states": {"id": "notification-state-9", "user_id": "user-17", "notification_id": "notification-21"},
    "group_messages": {"group_id": "group-3", "message_id": "message-1", "user_id": "user-17"},
    "user_notifications": {"user_id": "user-17", "notification_id": "notification-21"},
    "user_purchases": {"user_id": "user-17", "purchase_id": "purchase-8"},
    "user_session_events": {"user_id": "user-17", "session_id": "session-4"},
}


@pytest.fixture(scope="module")
def integers(daybook: Daybook, driver: Driver) -> Iterator[dict[str, str]]:
    """A lake with bronze of two sources whose ids are all integers: serial, bigint, int and varint."""
    own = daybook.own_lake("integers")
    serials = POSTGRES_SCRIPT.replace("id uuid PRIMARY KEY", "id serial PRIMARY KEY").replace(" uuid", " bigint")
    wholes = zip(statements(CASSANDRA_SCRIPT), cycle(("int", "bigint", "varint")), strict=False)
    tables = ";".join(table.replace(" uuid", f" {whole}") for table, whole in wholes)
    with (
        postgres_schema(daybook, "integers", serials + INTEGER_ROWS_OF_POSTGRES) as schema,
        cassandra_keyspace(daybook, "integers", f"{tables};{INTEGER_ROWS_OF_CASSANDRA}") as keyspace,
    ):
        for job in ("extract_postgres", "extract_cassandra"):
            succeeds(driver.run(job, "--ds", DAY, **own, **schema, **keyspace))
    yield own


def test_integer_ids_without_a_namespace_are_refused_with_what_to_do(
    daybook: Daybook, driver: Driver, integers: dict[str, str]
) -> None:
    ended = driver.run("silver", "--ds", DAY, "--table", "users", **integers)
    refused(
        ended,
        2,
        f"bronze _postgres {DAY}: most ids in users.id are integers"
        " -- next: export DAYBOOK_ID_NAMESPACE=<a UUID of yours, the same for ever>",
    )
    assert daybook.stored(integers["DAYBOOK_SILVER"]) == {}


def test_an_integer_id_is_the_same_uuid_in_every_table_up_to_the_warehouse(
    daybook: Daybook, driver: Driver, integers: dict[str, str]
) -> None:
    own = integers | {"DAYBOOK_ID_NAMESPACE": str(NAMESPACE)}
    for job in ("silver", "gold"):
        succeeds(driver.run(job, "--ds", DAY, **own))
    succeeds(daybook.load("--ds", DAY, **own))
    for table, named in INTEGER_IDS.items():
        expected = tuple(str(uuid5(NAMESPACE, name)) for name in named.values())
        assert rows(daybook, own, "silver", table, *named) == [expected], table
    user = uuid5(NAMESPACE, "user-17")
    for gold in ("global_user_activity_per_day", "global_notif_impact_per_day"):
        assert rows(daybook, own, "gold", gold, "user_id") == [(str(user),)]
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as warehouse:
        activity = "SELECT user_id, total_message_send_this_day, total_money_spend FROM global_user_activity_per_day"
        assert warehouse.sql(activity).fetchall() == [(user, 1, 9.5)]
        # the click is PostgreSQL's, the notification Cassandra's
        impact = "SELECT user_id, is_success FROM global_notif_impact_per_day"
        assert warehouse.sql(impact).fetchall() == [(user, True)]


def test_one_integer_among_uuids_is_a_rejected_row_and_a_day_of_integers_beside_it_is_refused_alone(
    daybook: Daybook, driver: Driver
) -> None:
    own, days = daybook.own_lake("odd_ids"), [date(2025, 3, 1), date(2025, 3, 2)]
    ids = {days[0]: [str(UUID(int=n)) for n in range(1, 6)] + ["0"], days[1]: ["17", "18", str(UUID(int=1))]}
    inserts = ";".join(
        "INSERT INTO user_purchases (user_id, purchase_time, purchase_id, amount, currency)"
        f" VALUES ('{user}', '{day} 10:00:00+0000', {UUID(int=n)}, 9.5, 'EUR')"
        for day, users in ids.items()
        for n, user in enumerate(users)
    )
    texts = CASSANDRA_SCRIPT.replace("user_id uuid", "user_id text")
    asked = ("--from", str(days[0]), "--to", str(days[1]), "--table", "user_purchases")
    with cassandra_keyspace(daybook, "odd_ids", f"{texts};{inserts}") as keyspace:
        succeeds(driver.run("extract_cassandra", *asked, **own, **keyspace))
    line = (
        f"bronze user_purchases {days[1]}: most ids in user_purchases.user_id are integers"
        " -- next: export DAYBOOK_ID_NAMESPACE=<a UUID of yours, the same for ever>"
    )
    for together in ("31", "1"):  # the same, however the days are grouped
        ended = driver.run("silver", *asked, "--force", **own, DAYBOOK_PASS_DAYS=together)
        refused(ended, 2, line)
        found = entry(daybook, own, "silver", "user_purchases").ledger
        assert {name: found[name] for name in ("bronze", "silver", "rejected", "rejected_by_reason")} == {
            "bronze": 6, "silver": 5, "rejected": 1, "rejected_by_reason": {"user_id:type": 1}
        }  # fmt: skip
        assert manifest.read(daybook.store, daybook.batch("silver", "user_purchases", days[1], **own)) is None
