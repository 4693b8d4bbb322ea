"""Cassandra tables with other types and states of rows than the demonstration's: read right, or refused in one line."""

from typing import Any

import pytest

from local.accounts.cassandra import connect
from tests.kit.harness import Daybook, Driver, until
from tests.kit.sources import DAY, cassandra_keyspace, cassandra_table, refused, rows, succeeds

AT = f"{DAY} 10:00:00+0000"
# a timeuuid, as some tables have them for ids
ID = "50554d6e-29bb-11e5-b345-feff819cdc9f"


def purchases(type_: str, *amounts: str) -> str:
    """The table of purchases with amounts of this type, whose ids are timeuuids."""
    table = cassandra_table("user_purchases").replace(" uuid", " timeuuid").replace("amount decimal", f"amount {type_}")
    insert = "INSERT INTO user_purchases (user_id, purchase_time, purchase_id, product_type, amount, currency)"
    return ";".join(
        [table, *(f"{insert} VALUES ({ID}, '{AT}', now(), '{n}', {a}, 'EUR')" for n, a in enumerate(amounts))]
    )


@pytest.mark.parametrize(
    ("type_", "amounts"),
    [
        (
            "decimal",
            {
                "12.50": "12.5",
                "123456789012.345": "123456789012.345",
                "99999999999999999999.999999999999999999": "99999999999999999999.999999999999999999",
                "0.1234567890123456789": "0.123456789012345679",
                "1E+19": "10000000000000000000",
            },
        ),
        ("varint", {"10": "10", "-3": "-3", "100000000000000000000": "100000000000000000000"}),
        ("text", {"'12.50'": "12.50", "'10 EUR'": "10 EUR", "''": ""}),
    ],
)
def test_an_amount_is_read_as_it_is_to_38_digits_18_of_them_decimals(
    daybook: Daybook, driver: Driver, type_: str, amounts: dict[str, str]
) -> None:
    own = daybook.own_lake(f"amount_{type_}")
    with cassandra_keyspace(daybook, f"amount_{type_}", purchases(type_, *amounts)) as keyspace:
        succeeds(driver.run("extract_cassandra", "--ds", DAY, "--table", "user_purchases", **own, **keyspace))
    found = rows(daybook, own, "bronze", "user_purchases", "product_type", "amount", "user_id")
    assert found == [(str(n), amount, ID) for n, amount in enumerate(amounts.values())]


def test_a_double_is_read_as_an_amount_and_what_is_no_number_is_rejected(daybook: Daybook, driver: Driver) -> None:
    own = daybook.own_lake("amount_double")
    # 0.1234565 has tails on both sides as a double, and a half at the seventh decimal as it is written
    amounts = ("0.1", "123456.78", "20000000", "NaN", "Infinity", "0.1234565", "0.30000000000000004", "1e12")
    with cassandra_keyspace(daybook, "amount_double", purchases("double", *amounts)) as keyspace:
        succeeds(driver.run("extract_cassandra", "--ds", DAY, "--table", "user_purchases", **own, **keyspace))
    succeeds(driver.run("silver", "--ds", DAY, "--table", "user_purchases", **own))
    assert rows(daybook, own, "silver", "user_purchases", "product_type", "amount", "user_id") == [
        ("0", "0.100000", ID), ("1", "123456.780000", ID), ("5", "0.123457", ID), ("6", "0.300000", ID)
    ]  # fmt: skip
    assert rows(daybook, own, "silver", "user_purchases", "amount", "array_to_string(reasons, ' ')", rejected=True) == [
        ("1.0E12", "amount:type"), ("2.0E7", "amount:implausible"), ("Infinity", "amount:type"), ("NaN", "amount:type")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "column", "type_", "other", "expected"),
    [
        ("user_purchases", "amount", "decimal", "float", "decimal or double or varint or text or ascii"),
        ("group_messages", "user_id", "uuid", "inet",
         "uuid or timeuuid or text or ascii or tinyint or smallint or int or bigint or varint"),
        ("user_notifications", "modified_at", "timestamp", "time",
         "timestamp or date or text or ascii or tinyint or smallint or int or bigint or varint"),
        ("user_notifications", "notification_time", "timestamp", "date", "timestamp"),
    ],
)  # fmt: skip
def test_a_column_of_another_type_is_refused_in_cassandras_words(
    daybook: Daybook, driver: Driver, table: str, column: str, type_: str, other: str, expected: str
) -> None:
    own, name = daybook.own_lake(f"{column}_{other}"), f"{column}_{other}"
    script = cassandra_table(table).replace(f"{column} {type_}", f"{column} {other}")
    with cassandra_keyspace(daybook, name, script) as keyspace:
        ended = driver.run("extract_cassandra", "--ds", DAY, "--table", table, **own, **keyspace)
    refused(ended, 3, f"Cassandra table {name}.{table}.{column} is {other}; expected {expected}")
    assert daybook.stored(own["DAYBOOK_BRONZE"]) == {}


def test_a_decimal_of_21_digits_before_the_point_stops_the_job_and_nothing_is_published(
    daybook: Daybook, driver: Driver
) -> None:
    own = daybook.own_lake("amount_too_large")
    with cassandra_keyspace(daybook, "amount_too_large", purchases("decimal", "1", "1e20")) as keyspace:
        ended = driver.run("extract_cassandra", "--ds", DAY, "--table", "user_purchases", **own, **keyspace)
    refused(
        ended,
        3,
        f"Cassandra table amount_too_large.user_purchases {DAY} holds a number too long for Spark: a decimal can have"
        " 20 digits before the point, a varint 38 -- next: find its row (SELECT * FROM amount_too_large.user_purchases"
        " WHERE amount >= 100000000000000000000 ALLOW FILTERING, or amount <= -100000000000000000000) and correct it,"
        " then run the same command again",
    )
    assert daybook.stored(own["DAYBOOK_BRONZE"]) == {}


# In the order of their notification_id: a full row; NULL, never set, deleted and expired cells; then rows that are
# gone: deleted, expired, never more than a cell that was deleted. The second user has a static cell and no row.
STATES = (
    "INSERT INTO user_notifications (user_id, content) VALUES ({0}, 'shared');"
    "INSERT INTO user_notifications (user_id, content) VALUES ({1}, 'static only');"
    "INSERT INTO user_notifications {row} state, modified_at) VALUES ({0}, '{at}', 1, 'READ', '{at}');"
    "INSERT INTO user_notifications {row} state) VALUES ({0}, '{at}', 2, NULL);"
    "INSERT INTO user_notifications {row} modified_at) VALUES ({0}, '{at}', 3, '{at}');"
    "INSERT INTO user_notifications {row} state) VALUES ({0}, '{at}', 4, 'READ');"
    "DELETE state FROM user_notifications WHERE {key} = 4;"
    "INSERT INTO user_notifications {row} state) VALUES ({0}, '{at}', 5, '');"
    "UPDATE user_notifications USING TTL 1 SET state = 'READ' WHERE {key} = 5;"
    "INSERT INTO user_notifications {row} state) VALUES ({0}, '{at}', 6, 'READ');"
    "DELETE FROM user_notifications WHERE {key} = 6;"
    "INSERT INTO user_notifications {row} state) VALUES ({0}, '{at}', 7, 'READ') USING TTL 1;"
    "UPDATE user_notifications SET state = 'READ' WHERE {key} = 8;"
    "DELETE state FROM user_notifications WHERE {key} = 8"
).format(
    1,
    2,
    at=AT,
    row="(user_id, notification_time, notification_id,",
    key=f"user_id = 1 AND notification_time = '{AT}' AND notification_id",
)
SERVERS_OWN = (
    "SELECT user_id, notification_id, content, state, modified_at FROM {}.user_notifications"
    " WHERE notification_time >= '2025-02-28 00:00:00+0000' AND notification_time < '2025-03-02 00:00:00+0000'"
    " ALLOW FILTERING"
)


def when_expired(daybook: Daybook, keyspace: str) -> list[tuple[Any, ...]]:
    """The rows as the server itself gives them, once those with a time to live are gone."""
    with connect(daybook.stack.settings("admin")) as session:

        def expired() -> list[tuple[Any, ...]] | None:
            found = sorted(map(tuple, session.execute(SERVERS_OWN.format(keyspace))))
            return found if len(found) == 5 and found[4][3] is None else None

        return until(expired, "cell and row have expired")


def test_null_unset_expired_and_deleted_cells_are_read_as_the_server_gives_them(
    daybook: Daybook, driver: Driver
) -> None:
    own = daybook.own_lake("cells")
    table = cassandra_table("user_notifications").replace(" uuid", " int")
    table = table.replace("content text", "content text STATIC")
    with cassandra_keyspace(daybook, "cells", f"{table};{STATES}") as keyspace:
        told = when_expired(daybook, "cells")
        succeeds(driver.run("extract_cassandra", "--ds", DAY, "--table", "user_notifications", **own, **keyspace))
    columns = ("user_id", "notification_id", "content", "state", "modified_at")
    found = rows(daybook, own, "bronze", "user_notifications", *columns)
    at = f"{DAY}T10:00:00.000000Z"
    assert found == [
        ("1", "1", "shared", "READ", at),
        ("1", "2", "shared", None, None),
        ("1", "3", "shared", None, at),
        ("1", "4", "shared", None, None),
        ("1", "5", "shared", None, None),
    ]
    assert [(int(u or 0), int(n or 0), content, state) for u, n, content, state, _ in found] == [r[:4] for r in told]
