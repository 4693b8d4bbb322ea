"""What the benchmark against other tools stands on: loads, lakes, and that its typing is silver's."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from benchmarks.peers import contest, duckdb_gold, duckdb_gold_queries, duckdb_rules, loads
from benchmarks.peers.contest import STEPS, Daybook, Turns
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.contracts.model import Column
from daybook.contracts.users import USERS
from local.seed.plan import DAY
from local.seed.rows import Event
from tests.kit.cases import CASES, expected_of, read_case
from tests.kit.warehouse import stored
from toolchain import places, python_envs

PARAMETERS = {"latest_plausible": "TIMESTAMP '2025-03-02 00:05:00Z'"}
AT = datetime(2025, 3, 1, 10, 20, 30, tzinfo=UTC)


def test_the_peers_have_an_environment_that_set_up_does_not_make() -> None:
    assert "peers" in python_envs.ON_DEMAND
    assert not {*python_envs.ON_DEMAND} & {*python_envs.NAMES}
    assert all(python_envs.lock_file(name).exists() for name in python_envs.ON_DEMAND)


def test_every_peer_is_a_module_that_can_be_run_and_keeps_its_results_apart() -> None:
    peers = [peer for step in STEPS for peer in step.peers]
    for peer in peers:
        text = (places.ROOT / "benchmarks" / "peers" / f"{peer.module}.py").read_text()
        assert 'if __name__ == "__main__":' in text
    kept = [(peer.into, layer) for step in STEPS for peer in step.peers for layer in step.writes]
    assert len(kept) == len(set(kept))


def test_a_second_turn_reads_what_the_first_made_and_writes_where_nothing_is() -> None:
    ours, silver = Daybook("Daybook"), next(step for step in STEPS if step.name == "silver")
    first, second = ours.lake(silver, 1), ours.lake(silver, 2)
    assert second["DAYBOOK_BRONZE"] == first["DAYBOOK_BRONZE"] == ours.lake()["DAYBOOK_BRONZE"]
    assert second["DAYBOOK_SILVER"] != first["DAYBOOK_SILVER"]
    day = next(step for step in STEPS if step.name == contest.DAY)
    assert not {*ours.lake(day, 1).values()} & {*first.values()}
    assert not {*Daybook("Daybook", "before").lake(silver, 1).values()} & {*first.values()}


def test_a_peer_that_failed_is_not_asked_again() -> None:
    assert Turns("silver", "Polars").once_more
    assert not Turns("silver", "Polars", failed="ended with 137").once_more


def test_the_busy_user_has_all_his_events_on_the_day_and_each_visit_starts() -> None:
    rows = list(loads.more_events(25_000))
    midnight = (loads.FIRST - date(1970, 1, 1)).days * DAY
    assert len({row.values for row in rows}) == 25_000
    assert all(row.at is not None and midnight <= row.at < midnight + DAY for row in rows)
    kinds = [getattr(row.values, "event_type", "") for row in rows]
    assert kinds.count("START") == 3000 and kinds[0] == "START"


def test_users_have_sessions_in_turn_and_sessions_have_events_in_turn() -> None:
    events = [row.values for row in loads.more_events(40, 2, 4)]
    sessions = Counter((event.user_id, event.session_id) for event in events if isinstance(event, Event))
    assert list(sessions.values()) == [10] * 4 and len({user for user, _ in sessions}) == 2


@pytest.mark.parametrize("name", ["delivered_again_after_midnight", "delivered_on_three_days",
                                  "delivered_again_two_days_later", "one_purchase_id_of_two_users"])  # fmt: skip
def test_duckdb_counts_what_is_delivered_again_once_as_gold_does(name: str) -> None:
    """Each day is given silver of the day and the day before, as the contract reads it."""
    case, found = read_case(CASES / name), list[tuple[object, ...]]()
    for day in (date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)):
        with duckdb.connect() as db:
            db.execute("SET TimeZone = 'UTC'; CREATE TABLE user_session_events (user_id VARCHAR, session_id VARCHAR,"
                       " event_time TIMESTAMPTZ, event_type VARCHAR)")  # fmt: skip
            for table, moment in (("group_messages", "created_at"), ("user_purchases", "purchase_time")):
                types = {"amount": "DECIMAL(18, 6)", moment: "TIMESTAMPTZ"}
                rows = case[f"{table}.csv"]
                columns = ", ".join(f"{column} {types.get(column, 'VARCHAR')}" for column in rows[0])
                db.execute(f"CREATE TABLE {table} ({columns})")
                around = {str(day), str(day - timedelta(days=1))}
                near = [[*row.values()] for row in rows if row[moment][:10] in around]
                if near:
                    db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", near)
            db.execute(f"CREATE TABLE gaps AS {duckdb_gold.filled(duckdb_gold_queries.GAPS, day)}")
            found += db.execute(duckdb_gold.filled(duckdb_gold_queries.ACTIVITY, day)).fetchall()
    expected = [stored(expected_of(ACTIVITY, row)) for row in case["expected_user_activity.csv"]]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("timestamp", "2025-03-01T10:20:30.000000Z", AT),
        ("timestamp", " 2025-03-01 ", AT.replace(hour=0, minute=0, second=0)),
        ("timestamp", "2025-03-01 10:20", AT.replace(second=0)),
        ("timestamp", "2025-03-01T12:20:30+02:00", AT),
        ("timestamp", "2025-03-01 04:50:30-0530", AT),
        ("timestamp", "2025-03-01T10:20:30.1234567Z", AT.replace(microsecond=123456)),
        ("timestamp", "01/03/2025 10:20:30", AT),
        ("timestamp", str(int(AT.timestamp())), AT),
        ("timestamp", f"{int(AT.timestamp())}250", AT.replace(microsecond=250_000)),
        ("timestamp", "2025-02-30", None),
        ("timestamp", "12:30", None),
        ("uuid", "0D938FF38B48445BA4AD7F138A745F71", "0d938ff3-8b48-445b-a4ad-7f138a745f71"),
        ("uuid", "17", None),
        ("decimal(18,6)", "1.2345675", Decimal("1.234568")),
        ("decimal(18,6)", "a", None),
    ],
)
def test_duckdb_types_a_text_as_silver_does(type_: str, text: str, value: object) -> None:
    column = Column("x", type_, "A value.", id_kind="user" if type_ == "uuid" else None)
    assert typed_by_duckdb(column, text, month_first=False) == value


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("03/01/2025", (date(2025, 1, 3), False), (date(2025, 3, 1), False)),
        ("28/02/2025 10:20:30", (date(2025, 2, 28), False), (None, True)),
        ("02/28/2025 10:20", (None, True), (date(2025, 2, 28), False)),
        ("31/04/2025", (None, False), (None, False)),
        ("2025-02-28", (date(2025, 2, 28), False), (date(2025, 2, 28), False)),
        (None, (None, False), (None, False)),
    ],
)
def test_duckdb_reads_dates_with_slashes_in_the_order_in_force_as_silver_does(
    text: str | None, day_first: tuple[date | None, bool], month_first: tuple[date | None, bool]
) -> None:
    column = USERS.column("created_at")
    for is_month_first, (value, is_other) in ((False, day_first), (True, month_first)):
        found = typed_by_duckdb(column, text, month_first=is_month_first)
        assert (found.date() if found else None) == value
        against = duckdb_rules.objections(USERS, PARAMETERS, month_first=is_month_first)["created_at:date_order"]
        with duckdb.connect() as db:
            assert db.execute(f"SELECT {against} FROM (SELECT ?::VARCHAR AS t_created_at)", [text]).fetchone() == (
                is_other,
            )


def typed_by_duckdb(column: Column, text: str | None, *, month_first: bool) -> Any:
    texts = f"SELECT *, {duckdb_rules.cleaned(column)} AS t_{column.name} FROM (SELECT ?::VARCHAR AS r_{column.name})"
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        value = duckdb_rules.typed(column, month_first=month_first)
        found = db.execute(f"SELECT {value} AS x FROM ({texts})", [text]).fetchone()
    assert found
    return found[0]
