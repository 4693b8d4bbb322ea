"""The order in which days arrive, and how often they are run, does not change gold or the warehouse."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from tests.kit.harness import Daybook, Driver
from tests.kit.published import publish_rows

DAYS = [date(2025, 1, number) for number in range(10, 15)]
RANGE = ("--from", str(DAYS[0]), "--to", str(DAYS[-1]))
ORDERS = {"in_order": (0, 1, 2, 3, 4), "shuffled": (4, 0, 3, 2, 1)}  # the one with steps ahead and back

# A day of silver for {users} users, so that every neighbour matters: sessions cross midnight, clicks come late, and
# one notification id per user is sent again every day.
SILVER = {
    "user_session_events": """
        SELECT user_id, '{day} 00:00:00Z'::TIMESTAMPTZ + time AS event_time,
               md5(user_id || begun)::UUID::VARCHAR AS session_id, event_type
        FROM users, (VALUES (INTERVAL 20 MINUTE, '{before} 23:50', 'END'), (INTERVAL 10 HOUR, '{day} 10', 'START'),
                            (INTERVAL 11 HOUR, '{day} 10', 'PAGE'), (INTERVAL 1430 MINUTE, '{day} 23:50', 'START'))
             AS visits (time, begun, event_type)""",
    "group_messages": """
        SELECT user_id AS group_id, '{day} 00:00:00Z'::TIMESTAMPTZ + INTERVAL 9 HOUR AS created_at,
               md5(user_id || '{day}')::UUID::VARCHAR AS message_id, user_id, 'hello' AS content FROM users""",
    "user_purchases": """
        SELECT user_id, '{day} 00:00:00Z'::TIMESTAMPTZ AS purchase_time,
               CASE WHEN number % 4 = 0 THEN user_id ELSE md5(user_id || '{day}')::UUID::VARCHAR END AS purchase_id,
               'book' AS product_type, (number * 1.25)::DECIMAL(18, 6) AS amount, 'EUR' AS currency FROM users""",
    "user_notifications": """
        SELECT user_id, (sent || ' 00:00:00Z')::TIMESTAMPTZ + INTERVAL 22 HOUR AS notification_time,
               md5(user_id)::UUID::VARCHAR AS notification_id, 'sent ' || sent AS content, state,
               clicked::TIMESTAMPTZ AS modified_at
        FROM users, (VALUES ('{day}', 'SENT', NULL, 1), ('{before}', 'CLICKED', '{day} 08:00:00Z', 2))
             AS versions (sent, state, clicked, every) WHERE number % every = 0""",
    "notification_states": """
        SELECT user_id AS id, user_id, md5(user_id)::UUID::VARCHAR AS notification_id, 'READ' AS status,
               '{day} 00:00:00Z'::TIMESTAMPTZ + INTERVAL 23 HOUR AS updated_at FROM users WHERE number % 3 = 0""",
}
USERS = "WITH users AS (SELECT md5(i::VARCHAR)::UUID::VARCHAR AS user_id, i AS number FROM range(1, 21) AS r(i))"


def arrive(daybook: Daybook, index: int, own: dict[str, str], folder: Path) -> None:
    """Publish the silver of one of the days."""
    day, before = DAYS[index], date.fromordinal(DAYS[index].toordinal() - 1)
    for table, query in SILVER.items():
        rows = f"{USERS} {query.format(day=day, before=before)}"
        publish_rows(daybook.store, daybook.batch("silver", table, day, **own), rows, folder)
    for source in SOURCE_TABLES:
        if source.name not in SILVER:  # which the ledgers speak of all the same
            nothing = "SELECT '' AS id LIMIT 0"
            publish_rows(daybook.store, daybook.batch("silver", source.name, day, **own), nothing, folder)


def succeeds(process: Driver, job: str, *arguments: str, **own: str) -> str:
    ended = process.run(job, *arguments, **own)
    assert ended.code == 0, ended.output
    return ended.last_line


@pytest.fixture(scope="module")
def as_range(
    daybook: Daybook, driver: Driver, loader: Driver, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The days, run as one range."""
    own = daybook.own_lake("as_range")
    for index in range(len(DAYS)):
        arrive(daybook, index, own, tmp_path_factory.mktemp("silver"))
    succeeds(driver, "gold", *RANGE, **own)
    succeeds(loader, "load_duckdb", *RANGE, **own)
    return own


@pytest.fixture(scope="module", params=ORDERS)
def day_by_day(
    daybook: Daybook,
    driver: Driver,
    loader: Driver,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[dict[str, str]]:
    """The days in one of the orders: each day's silver arrives, its gold is made, the warehouse is loaded."""
    own = daybook.own_lake(f"order_{request.param}")
    for index in ORDERS[request.param]:
        arrive(daybook, index, own, tmp_path_factory.mktemp("silver"))
        succeeds(driver, "gold", "--ds", str(DAYS[index]), **own)
        succeeds(loader, "load_duckdb", "--ds", str(DAYS[index]), **own)
    yield own


def gold(daybook: Daybook, own: dict[str, str]) -> dict[tuple[str, date], Any]:
    batches = [daybook.batch("gold", table.name, day, **own) for table in GOLD_TABLES for day in DAYS]
    return {(batch.name, batch.day): daybook.contents(batch) for batch in batches}


def warehouse(own: dict[str, str]) -> dict[str, list[Any]]:
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as db:
        return {table.name: db.execute(f"FROM {table.name} ORDER BY ALL").fetchall() for table in GOLD_TABLES}


def test_days_in_any_order_end_in_the_gold_and_the_warehouse_of_one_range(
    daybook: Daybook, as_range: dict[str, str], day_by_day: dict[str, str]
) -> None:
    assert gold(daybook, day_by_day) == gold(daybook, as_range)
    assert warehouse(day_by_day) == warehouse(as_range)


def test_each_neighbour_counts(as_range: dict[str, str]) -> None:
    with duckdb.connect(as_range["DUCKDB_PATH"], read_only=True) as db:
        activity = "SELECT total_nbr_connexion, total_spend_time_seconds / 60, count(*) FROM user_activity_per_day"
        found = db.execute(f"{activity} WHERE date = ? GROUP BY ALL", [DAYS[2]]).fetchall()
        assert found == [(2, 90.0, 20)], "20 minutes from yesterday, an hour, and 10 minutes until midnight"
        impact = "SELECT count(*) FILTER (is_success), count(*) FROM notif_impact_per_day WHERE notif_date = ?"
        assert db.execute(impact, [DAYS[2]]).fetchall() == [(13, 20)], "ten clicked the next day, six read, three both"
        assert db.execute(impact, [DAYS[-1]]).fetchall() == [(6, 20)], "nobody has clicked yet"


def test_no_day_run_a_second_time_writes_anything(
    daybook: Daybook, driver: Driver, loader: Driver, as_range: dict[str, str]
) -> None:
    path = Path(as_range["DUCKDB_PATH"])
    before = daybook.stored(as_range["DAYBOOK_GOLD"]), path.stat().st_ino
    for day in DAYS:
        assert "0 tables published" in succeeds(driver, "gold", "--ds", str(day), **as_range)
        assert "nothing in gold has changed" in succeeds(loader, "load_duckdb", "--ds", str(day), **as_range)
    assert (daybook.stored(as_range["DAYBOOK_GOLD"]), path.stat().st_ino) == before
