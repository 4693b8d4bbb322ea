"""Seed rows: the same every time, and shaped like the life of a product."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from local.seed.plan import DAY, HOUR, Plan, amount
from local.seed.rows import Event, Message, Row
from local.seed.tables import TABLE_OF, TABLES, rows_of, tasks

SMALL = Plan(users=50, days=2, seed=7, start=date(2025, 3, 1))
WITHOUT_KEY = ("groups_users_user", "notification_states")  # the database lets a key occur twice, and seeding plants it


@cache
def made(plan: Plan, table: str) -> tuple[Row, ...]:
    return tuple(row for task in tasks(plan, TABLE_OF[table]) for row in rows_of(plan, task))


def digest(plan: Plan, table: str) -> str:
    return hashlib.sha256("\n".join(map(repr, made(plan, table))).encode()).hexdigest()[:12]


# A new value means new data for everyone who seeds: fine, if meant.
DIGESTS = {
    "users": "5c955c1f8f8f",
    "groups": "56b82a6c2844",
    "groups_users_user": "b0c93dd81f50",
    "activities": "a6086c15b389",
    "notification_states": "e9396751181e",
    "group_messages": "a084f9b96a24",
    "user_notifications": "b46737e78065",
    "user_purchases": "26eda2383355",
    "user_session_events": "f2c4a6ecd4c3",
}


@pytest.mark.parametrize("table", TABLE_OF)
def test_the_rows_are_the_same_on_every_machine(table: str) -> None:
    assert digest(SMALL, table) == DIGESTS[table]


def test_the_rows_do_not_depend_on_how_the_work_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.seed.tables.THINGS_PER_TASK", 7)
    for table in TABLES:
        rows = [row for task in tasks(SMALL, table) for row in rows_of(SMALL, task)]
        assert rows == list(made(SMALL, table.name))


@pytest.mark.parametrize("table", TABLE_OF)
def test_another_seed_gives_other_rows(table: str) -> None:
    assert digest(replace(SMALL, seed=8), table) != digest(SMALL, table)


@pytest.mark.parametrize("table", [name for name in TABLE_OF if name not in WITHOUT_KEY])
def test_no_row_overwrites_another(table: str) -> None:
    columns, contract = TABLE_OF[table].columns, TABLE_OF[table].contract
    key = {*contract.key, *([contract.window.column] if contract.window else [])}  # Cassandra sorts by time
    keys = [tuple(row.values[columns.index(column)] for column in key) for row in made(SMALL, table)]
    assert len(set(keys)) == len(keys)


OF_DAYS = [table.name for table in TABLES if table.store == "cassandra" or table.name == "notification_states"]


@pytest.mark.parametrize("table", OF_DAYS)
def test_nothing_happens_outside_the_days_asked_for(table: str) -> None:
    times = [row.at for row in made(SMALL, table) if row.at is not None]
    assert SMALL.midnight(0) <= min(times)
    assert max(times) < SMALL.end


def test_sessions_cross_midnight_lack_an_end_or_are_only_an_end() -> None:
    sessions: dict[object, list[Event]] = {}
    for row in made(SMALL, "user_session_events"):
        assert isinstance(row.values, Event)
        sessions.setdefault(row.values.session_id, []).append(row.values)
    shapes = [(events, {event.event_type for event in events}) for events in sessions.values()]
    assert any(len({event.event_time // DAY for event in events}) == 2 for events, _ in shapes)
    assert any("START" in types and "END" not in types for _, types in shapes)
    assert any(types == {"END"} for _, types in shapes)


def test_messages_are_written_mostly_in_the_evening() -> None:
    written = [row.values for row in made(SMALL, "group_messages")]
    hours = Counter(message.created_at // HOUR % 24 for message in written if isinstance(message, Message))
    assert sum(hours[hour] for hour in range(17, 23)) > 5 * sum(hours[hour] for hour in range(6))


@pytest.mark.parametrize("mean", [0.0, 0.3, 1.5, 12.0])
def test_counts_keep_their_mean(mean: float) -> None:
    random = SMALL.random("mean")
    assert sum(amount(random, mean) for _ in range(10_000)) / 10_000 == pytest.approx(mean, rel=0.05)
