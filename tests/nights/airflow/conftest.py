"""A real Airflow whose DAG is unpaused: it catches up two nights, and a backfill runs beside."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from daybook.contracts import SOURCE_TABLES
from tests.kit import inbox
from tests.kit.airflow import ASK_SECONDS, DAG, Airflow, over, running
from tests.kit.harness import Daybook, until
from tests.kit.nights import all_days, backfill, nights, rows_of
from tests.kit.own_sources import good_row, own_sources
from tests.kit.processes import CommandLines


@pytest.fixture(scope="package")
def settings(daybook: Daybook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Days of rows that end yesterday, where nothing else is, a lake for them, and rates that are fresh."""
    rates = tmp_path_factory.mktemp("rates") / "rates.csv"
    rates.write_text(f"currency,base,valid_from,rate\nUSD,EUR,{all_days()[0]},0.9\n")
    with own_sources(daybook, "airflow") as sources:
        for day in all_days():
            noon, number = datetime.combine(day, time(12), UTC), rows_of(day)
            for table in SOURCE_TABLES:
                sources.insert(table, [good_row(table, number * 100 + n, noon) for n in range(number)])
        # every row has the state TEXT: a success state that never occurs would be told of each night
        told = {"DAYBOOK_EXCHANGE_RATES": str(rates), "DAYBOOK_SUCCESS_STATES": "TEXT"}
        yield sources.settings | daybook.own_lake("airflow") | told


@pytest.fixture(scope="package")
def command_lines() -> Iterator[CommandLines]:
    """Every command line that a process of this machine had while the tests of this folder ran, by sample."""
    with CommandLines().watched() as lines:
        yield lines


@pytest.fixture(scope="package")
def mail() -> Iterator[inbox.MailServer]:
    """The mail server that Airflow's messages go to."""
    with inbox.mail_server() as server:
        yield server


@pytest.fixture(scope="package")
def airflow(
    daybook: Daybook, settings: dict[str, str], command_lines: CommandLines, mail: inbox.MailServer
) -> Iterator[Airflow]:
    """Airflow, told that the data begins with the first of the nights' days, and whom to tell."""
    told = {"DAYBOOK_EVENT_LOG": ""} | {
        "DAYBOOK_FIRST_DAY": str(nights()[0]),
        "DAYBOOK_SETTLE_MINUTES": "0",
        "DAYBOOK_RETRY_SECONDS": "20",
        "DAYBOOK_NOTIFY_CONN": "daybook_mail",
        "AIRFLOW_CONN_DAYBOOK_MAIL": mail.connection(),
    }
    with running(daybook, **told, **settings) as up:
        until(lambda: up.api("/dags")["total_entries"], "the DAG is known", every=ASK_SECONDS)
        yield up


@pytest.fixture(scope="package")
def runs(airflow: Airflow) -> dict[date, dict[str, Any]]:
    """The runs of the nights and of the backfill, ended, by the day of their data."""
    airflow.cli(
        *("backfill", "create", "--dag-id", "daybook_daily", "--max-active-runs", "1"),
        *("--from-date", str(backfill()[0]), "--to-date", str(backfill()[-1])),
    )
    airflow.api(DAG, {"is_paused": False}, "PATCH")

    def ended() -> list[dict[str, Any]]:
        found = airflow.api(f"{DAG}/dagRuns?limit=100")["dag_runs"]
        return found if len(found) >= len(all_days()) and all(over(run) for run in found) else []

    found = until(ended, "nights and backfill have ended", every=ASK_SECONDS)
    return {datetime.fromisoformat(run["data_interval_start"]).date(): run for run in found}
