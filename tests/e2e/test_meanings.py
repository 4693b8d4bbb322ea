"""Settings that match no data, and data that match no setting, on real servers: the right figure, and a word."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from daybook.lake import manifest
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import (
    CASSANDRA_SCRIPT,
    DAY,
    POSTGRES_SCRIPT,
    cassandra_keyspace,
    postgres_schema,
    refused,
    rows,
    succeeds,
)

USER = "00000000-0000-4000-8000-000000000001"
CLICKED, CLICK, LATER = (f"00000000-0000-4000-8000-00000000002{n}" for n in range(3))
# Sent at ten; the application writes the month first.
ROWS = f"""
INSERT INTO user_notifications (user_id, notification_time, notification_id, state, modified_at)
    VALUES ({USER}, '{DAY} 10:00:00+0000', {CLICKED}, 'CLICKED', '03/01/2025 10:30');
INSERT INTO user_notifications (user_id, notification_time, notification_id, state)
    VALUES ({USER}, '{DAY} 10:00:00+0000', {CLICK}, 'Click');
INSERT INTO user_notifications (user_id, notification_time, notification_id, state, modified_at)
    VALUES ({USER}, '{DAY} 10:00:00+0000', {LATER}, 'READ', '03/13/2025 10:30');
INSERT INTO user_session_events (user_id, event_time, session_id, event_type)
    VALUES ({USER}, '{DAY} 10:00:00+0000', {USER}, 'START');
INSERT INTO user_session_events (user_id, event_time, session_id, event_type)
    VALUES ({USER}, '{DAY} 11:00:00+0000', {USER}, 'END');
"""
IN_THE_OTHER_ORDER = (
    "user_notifications: 1 rows rejected, whose modified_at is a date in the other order of day and month"
    " (DAYBOOK_DATE_ORDER): others of the day may have been read with the two exchanged"
)
ALIKE = "1 rows have a state that looks like CLICKED and is none of DAYBOOK_SUCCESS_STATES"
OTHER_ORDER = "DAYBOOK_DATE_ORDER"


@pytest.fixture(scope="module")
def american(daybook: Daybook, driver: Driver) -> Iterator[dict[str, str]]:
    """A lake with bronze of an application whose dates are texts with the month first."""
    own = daybook.own_lake("american")
    texts = CASSANDRA_SCRIPT.replace("modified_at timestamp", "modified_at text")
    assert texts != CASSANDRA_SCRIPT
    with (
        postgres_schema(daybook, "american", POSTGRES_SCRIPT) as schema,
        cassandra_keyspace(daybook, "american", f"{texts};{ROWS}") as keyspace,
    ):
        for job in ("extract_postgres", "extract_cassandra"):
            succeeds(driver.run(job, "--ds", DAY, **own, **schema, **keyspace))
    yield own


def impact(lake: dict[str, str]) -> list[tuple[Any, ...]]:
    """Of each notification whether it was a success, and the time after it; then the warnings of the day."""
    with duckdb.connect(lake["DUCKDB_PATH"], read_only=True) as warehouse:
        figures = "SELECT is_success, time_spend_after_success FROM global_notif_impact_per_day ORDER BY ALL"
        return warehouse.execute(figures).fetchall()


def warnings(lake: dict[str, str]) -> list[tuple[Any, ...]]:
    """All but how old the rates are, which grows with the file that ships."""
    with duckdb.connect(lake["DUCKDB_PATH"], read_only=True) as warehouse:
        query = "SELECT limit_name, warning FROM day_warnings WHERE limit_name <> 'rates' ORDER BY ALL"
        return warehouse.execute(query).fetchall()


def test_dates_are_read_in_the_order_that_is_set_and_those_of_the_other_are_told(
    daybook: Daybook, driver: Driver, american: dict[str, str]
) -> None:
    silver = driver.run("silver", "--ds", DAY, **american)
    succeeds(silver)
    line = f"silver user_notifications {DAY}: 1 rows rejected, whose modified_at is a date in the other order of day"
    assert f"{line} and month (DAYBOOK_DATE_ORDER)" in silver.output
    assert rows(daybook, american, "silver", "user_notifications", "reasons", rejected=True) == [
        ("['modified_at:type', 'modified_at:date_order']",)
    ]
    succeeds(driver.run("gold", "--ds", DAY, **american))
    loaded = daybook.load("--ds", DAY, **american)
    succeeds(loaded)
    assert IN_THE_OTHER_ORDER in loaded.output and ALIKE in loaded.output
    assert warnings(american) == [("alike_states", ALIKE), ("date_order", IN_THE_OTHER_ORDER)]
    assert impact(american) == [(False, None), (True, timedelta(hours=1))], "3 January, and so at the sending"

    month_first = american | {OTHER_ORDER: "month_first"}
    for job in ("silver", "gold"):
        succeeds(driver.run(job, "--ds", DAY, **month_first))
    succeeds(daybook.load("--ds", DAY, **month_first))
    assert impact(american) == [(False, None), (False, None), (True, timedelta(minutes=30))]
    assert warnings(american) == [("alike_states", ALIKE)]
    live = manifest.read(
        daybook.store, daybook.batch("silver", "user_notifications", date.fromisoformat(DAY), **american)
    )
    assert live and live.manifest.inputs["settings"][OTHER_ORDER] == "month_first"


def test_success_states_that_are_no_words_end_every_job_that_looks_at_them(
    driver: Driver, american: dict[str, str]
) -> None:
    line = (
        "setting DAYBOOK_SUCCESS_STATES='CLICKED;READ': 'CLICKED;READ' is not one state"
        " -- next: write the states with commas between them: DAYBOOK_SUCCESS_STATES=CLICKED,READ"
    )
    for job in ("silver", "gold", "day"):
        refused(driver.run(job, "--ds", DAY, **american, DAYBOOK_SUCCESS_STATES="CLICKED;READ"), 2, line)


def test_states_that_no_row_has_are_told_from_the_first_day(
    daybook: Daybook, driver: Driver, american: dict[str, str]
) -> None:
    own = american | {"DAYBOOK_SUCCESS_STATES": "GEKLICKT,GELESEN", "DUCKDB_PATH": f"{american['DUCKDB_PATH']}.other"}
    succeeds(driver.run("gold", "--ds", DAY, **own | {OTHER_ORDER: "month_first"}))
    loaded = daybook.load("--ds", DAY, **own)
    none = "no row of 28 days has one of DAYBOOK_SUCCESS_STATES (GEKLICKT, GELESEN): look at the states in the sources"
    assert f"{DAY}  {none}" in loaded.output
    assert warnings(own) == [("states", none)]
