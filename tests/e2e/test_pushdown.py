"""A day is cut by Cassandra itself: rows of other days are neither sent nor read, or the job says why it cannot be."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cassandra.query import BatchStatement, BatchType

from benchmarks import event_log
from local.accounts.cassandra import connect
from tests.kit.harness import Daybook, Driver, until
from tests.kit.sources import DAY, cassandra_keyspace, cassandra_table, entry, refused, succeeds
from toolchain import places

ID = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
DAYS = 100
A_DAY = {"user_session_events": 40, "group_messages": 80}
INSERTS = {
    "user_session_events": "INSERT INTO user_session_events (user_id, event_time, session_id, event_type)"
    " VALUES (?, ?, ?, 'PAGE')",
    "group_messages": "INSERT INTO group_messages (group_id, created_at, message_id, content) VALUES (?, ?, ?, '')",
}


def fill(session: Any, table: str, rows: int) -> None:
    """One partition with so many rows on each of a hundred days, the day of the tests among them."""
    insert = session.prepare(INSERTS[table])
    for day in range(DAYS):
        begins = datetime.fromisoformat(DAY).replace(tzinfo=UTC) + timedelta(days=day - DAYS // 2)
        batch = BatchStatement(BatchType.UNLOGGED)
        for minute in range(rows):
            batch.add(insert, (ID, begins + timedelta(minutes=minute), ID))
        session.execute(batch)


def logs(daybook: Daybook) -> Path:
    """Where Spark's event logs are."""
    return daybook.stack.home / "spark-events"


@pytest.fixture(scope="module")
def extracted(daybook: Daybook, driver: Driver) -> Iterator[dict[str, str]]:
    """One day, extracted out of a hundred; the keyspace still stands."""
    own = daybook.own_lake("pushdown")
    with cassandra_keyspace(daybook, "pushdown", ";".join(map(cassandra_table, A_DAY))) as keyspace:
        with connect(daybook.stack.settings("admin")) as session:
            session.set_keyspace("pushdown")
            for table, rows in A_DAY.items():
                fill(session, table, rows)
        tables = [f"--table={table}" for table in A_DAY]
        logged = {"DAYBOOK_EVENT_LOG": str(logs(daybook))}
        succeeds(driver.run("extract_cassandra", "--ds", DAY, *tables, **own, **keyspace, **logged))
        yield own


def test_the_server_reads_the_days_rows_and_not_the_whole_partition(
    daybook: Daybook, extracted: dict[str, str]
) -> None:
    for table, rows in A_DAY.items():
        assert entry(daybook, extracted, "bronze", table).rows == rows
    with connect(daybook.stack.settings("admin")) as session:
        told = session.execute("SELECT table_name, max FROM system_views.rows_per_read WHERE keyspace_name = 'pushdown'"
                               " ALLOW FILTERING")  # fmt: skip
        most = {row.table_name: row.max for row in told}
    # the server's histogram has buckets a fifth apart; the whole partition has a hundred times the rows
    assert most == {table: pytest.approx(rows, rel=0.2) for table, rows in A_DAY.items()}


def test_the_plan_has_both_bounds_of_the_day(daybook: Daybook, extracted: dict[str, str]) -> None:
    plans = "".join(_plans(logs(daybook)))
    pushed = re.findall(r"Cassandra Scan: pushdown\.(\w+)\n - Cassandra Filters: (.*)\n", plans)
    between = '[["{0}" >= ?, 2025-03-01 00:00:00.0],["{0}" < ?, 2025-03-02 00:00:00.0]]'
    assert dict(pushed) == {
        "user_session_events": between.format("event_time"),
        "group_messages": between.format("created_at"),
    }


def _plans(folder: Path) -> Iterator[str]:
    """The plans in Spark's event logs of complete runs."""
    for line in chain.from_iterable(map(event_log.lines, folder.glob("*.zstd"))):
        if "Cassandra Scan" in line:
            yield json.loads(line).get("physicalPlanDescription", "")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("second", "(user_id), purchase_id, purchase_time"),
        ("in_partition", "(user_id, purchase_time), purchase_id"),
        ("no_key", "(user_id), purchase_id"),
    ],
)
def test_a_table_whose_time_is_not_its_first_clustering_column_is_refused(
    daybook: Daybook, driver: Driver, name: str, key: str
) -> None:
    own = daybook.own_lake(f"pushdown_{name}")
    table = cassandra_table("user_purchases").replace("(user_id), purchase_time, purchase_id", key)
    with cassandra_keyspace(daybook, f"pushdown_{name}", table) as keyspace:
        ended = driver.run("extract_cassandra", "--ds", DAY, "--table", "user_purchases", **own, **keyspace)
    refused(
        ended,
        3,
        "Cassandra table user_purchases: the day cannot be pushed down, because purchase_time is not its first"
        " clustering column; the whole table would be read",
    )
    assert daybook.stored(own["DAYBOOK_BRONZE"]) == {}


def test_another_partition_key_is_no_obstacle_while_the_time_comes_first_behind_it(
    daybook: Daybook, driver: Driver
) -> None:
    own = daybook.own_lake("pushdown_bucket")
    table = (
        cassandra_table("user_session_events")
        .replace("user_id uuid,", "user_id uuid, bucket int,")
        .replace("((user_id)", "((user_id, bucket)")
    )
    insert = (
        f"INSERT INTO user_session_events (user_id, bucket, event_time, session_id, event_type) VALUES ({ID}, {{}},"
        f" '{{}} 00:00:00+0000', {ID}, 'PAGE')"
    )
    events = [insert.format(n, day) for n, day in enumerate(("2025-02-28", DAY, DAY, "2025-03-02"))]
    with cassandra_keyspace(daybook, "pushdown_bucket", ";".join([table, *events])) as keyspace:
        ended = driver.run("extract_cassandra", "--ds", DAY, "--table", "user_session_events", **own, **keyspace)
    succeeds(ended)
    assert entry(daybook, own, "bronze", "user_session_events").rows == 2


@pytest.mark.parametrize("moment", ["planned", "read"])
@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        ("user_session_events", "session_id", "RENAME session_id TO session"),
        ("user_purchases", "amount", "DROP amount"),
    ],
)
def test_a_column_that_goes_while_its_table_is_read_is_named(
    daybook: Daybook, driver: Driver, tmp_path: Path, table: str, column: str, change: str, moment: str
) -> None:
    own, name = daybook.own_lake(f"goes_{column}_{moment}"), f"goes_{column}_{moment}"
    looked, go_on = tmp_path / "looked", tmp_path / "go_on"
    os.mkfifo(go_on)
    asked = (moment, str(looked), str(go_on), "--ds", DAY, "--table", table)
    with (
        cassandra_keyspace(daybook, name, cassandra_table(table)) as keyspace,
        connect(daybook.stack.settings("admin")) as session,
    ):
        replace(driver, jobs=places.ROOT / "tests/kit").begin("held_read", *asked, **own, **keyspace)
        until(looked.exists, "it has looked at the table", driver)
        try:
            session.execute(f"ALTER TABLE {name}.{table} {change}")
        finally:
            go_on.write_text("")
            ended = driver.end()
    line = f"failed (exit 3): Cassandra table {name}.{table} has no column {column}; found user_id, "
    assert ended.code == 3 and ended.last_line.startswith(line), ended.output
    assert daybook.stored(own["DAYBOOK_BRONZE"]) == {}
