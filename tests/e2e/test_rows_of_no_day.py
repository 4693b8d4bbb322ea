"""Rows whose time lies on no day that can be asked for are in no bronze: they are counted, by kind, and told."""

from contextlib import closing
from datetime import date

import pytest
from psycopg2 import sql

from daybook.contracts.notification_states import NOTIFICATION_STATES
from daybook.sources import postgres_sql
from daybook.sources.postgres_relation import look_up
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import DAY, POSTGRES_SCRIPT, entry, postgres_schema, rows, succeeds

# The last three lie on days: the first one that can be asked for, the one that is, the last one.
TIMES = {
    None: 2,
    "infinity": 3,
    "-infinity": 4,
    "0044-03-15 12:00 BC": 5,
    "0001-01-01 00:00": 6,
    "1999-12-31 23:59:59.999999": 7,
    "9999-01-01 00:00": 8,
    "9999-12-31 23:59:59.999999": 9,
    "294276-12-31 23:59:59.999999": 10,
    "2000-01-01 00:00": 1,
    f"{DAY} 10:00": 1,
    "9998-12-31 23:59:59.999999": 1,
}
OUTSIDE = {"-infinity": 4, "BC": 5, "before 2000": 13, "from 9999": 27, "infinity": 3}
TOLD = (
    "notification_states.updated_at: 54 rows lie on no day: "
    "-infinity 4, BC 5, NULL 2, before 2000 13, from 9999 27, infinity 3"
)
SPLIT = """
ALTER TABLE notification_states RENAME TO stored;
CREATE VIEW notification_states AS SELECT * FROM stored;"""
KINDS = {
    "timestamptz": "",
    "timestamp": "ALTER TABLE notification_states ALTER updated_at TYPE timestamp;",
    "view": SPLIT,
}


def script(kind: str, times: dict[str | None, int]) -> str:
    values = [f"({'NULL' if at is None else repr(at)}, {count})" for at, count in times.items()]
    return f"""SET LOCAL TimeZone = 'UTC'; {KINDS[kind]}
        INSERT INTO notification_states
        SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'SENT', times.at::timestamptz
        FROM (VALUES {", ".join(values)}) AS times (at, count), generate_series(1, count);"""


@pytest.mark.parametrize("kind", KINDS)
def test_rows_whose_time_lies_on_no_day_are_counted_by_kind_and_told_once(
    daybook: Daybook, driver: Driver, kind: str
) -> None:
    own = daybook.own_lake(f"no_day_{kind}")
    with postgres_schema(daybook, "no_day", POSTGRES_SCRIPT + script(kind, TIMES)) as schema:
        ended = driver.run("extract_postgres", "--from", "2025-02-28", "--to", DAY, **own, **schema)
    succeeds(ended)
    assert ended.output.count(f"WARNING {TOLD}\n") == 1, ended.output
    found = entry(daybook, own, "bronze", "notification_states")
    assert found.ledger == {"source": 1, "bronze": 1, "without_time": 2, "outside_days": OUTSIDE}
    assert rows(daybook, own, "bronze", "notification_states", "updated_at") == [(f"{DAY}T10:00:00.000000Z",)]
    assert entry(daybook, own, "bronze", "users").ledger == {"source": 0, "bronze": 0, "without_time": 0}


def test_where_all_rows_lie_on_days_nothing_is_told(daybook: Daybook, driver: Driver) -> None:
    own, times = daybook.own_lake("all_on_days"), dict.fromkeys(list(TIMES)[-3:], 1)
    with postgres_schema(daybook, "all_on_days", POSTGRES_SCRIPT + script("timestamptz", times)) as schema:
        ended = driver.run("extract_postgres", "--ds", DAY, **own, **schema)
    succeeds(ended)
    assert "WARNING" not in ended.output
    assert entry(daybook, own, "bronze", "notification_states").ledger == {"source": 1, "bronze": 1, "without_time": 0}


def test_an_index_on_the_time_serves_the_whole_count(daybook: Daybook) -> None:
    with (
        postgres_schema(daybook, "no_day_index", POSTGRES_SCRIPT + script("timestamptz", TIMES)) as schema,
        closing(daybook.postgres("admin")) as server,
        server.cursor() as run,
    ):
        types = look_up(server, schema["PG_SCHEMA"], NOTIFICATION_STATES).types
        count = postgres_sql.count(schema["PG_SCHEMA"], NOTIFICATION_STATES, types, date.fromisoformat(DAY))
        run.execute("SET enable_seqscan = off")
        run.execute(sql.SQL("EXPLAIN ") + count)
        plan = "\n".join(line for (line,) in run.fetchall())
    assert plan.count("Scan on notification_states_updated_at") >= 2 and "Seq Scan" not in plan, plan
