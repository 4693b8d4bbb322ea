"""Accounts that Airflow keeps as connections reach the jobs and nobody else; what is given twice is refused."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.kit.airflow import IN_AIRFLOW, of_one_process, python
from tests.kit.harness import FIRST, Daybook
from tests.kit.processes import CommandLines

POSTGRES = {"host": "PGHOST", "port": "PGPORT", "schema": "PGDATABASE", "login": "PGUSER", "password": "PGPASSWORD"}
CASSANDRA = {
    "host": "CASSANDRA_HOSTS", "port": "CASSANDRA_PORT", "schema": "CASSANDRA_KEYSPACE", "login": "CASSANDRA_USERNAME",
    "password": "CASSANDRA_PASSWORD",
}  # fmt: skip
STORE = {"login": "AWS_ACCESS_KEY_ID", "password": "AWS_SECRET_ACCESS_KEY"}
CONNECTIONS = {"postgres": POSTGRES, "cassandra": CASSANDRA, "store": STORE}
DONE, AGAIN, NEVER = "success", "up_for_retry", "failed"


def connection(fields: dict[str, str], env: dict[str, str], **extra: str) -> str:
    given: dict[str, Any] = {field: env[name] for field, name in fields.items()}
    if "port" in given:
        given["port"] = int(given["port"])
    return json.dumps({"conn_type": "generic", "extra": extra, **given})


class Tried:
    """Tasks tried with connections: the state of each, what was printed, and every command line of the machine."""

    def __init__(self, daybook: Daybook, home: Path) -> None:
        plain = of_one_process(daybook, home, daybook.own_lake("connections"))
        loader = {name.removeprefix("DAYBOOK_LOADER_"): value for name, value in plain.items()}
        self.secrets = {
            *(plain[fields["password"]] for fields in CONNECTIONS.values()),
            plain["DAYBOOK_LOADER_AWS_SECRET_ACCESS_KEY"],
        }
        env = {name: value for name, value in plain.items() if name not in {*POSTGRES.values(), *CASSANDRA.values()}}
        env = {name: value for name, value in env.items() if not name.endswith((*STORE.values(), "PGSSLMODE"))}
        env |= {
            f"AIRFLOW_CONN_DAYBOOK_{name.upper()}": connection(
                fields, plain, **({"PGSSLMODE": "disable"} if name == "postgres" else {})
            )
            for name, fields in CONNECTIONS.items()
        }
        env["AIRFLOW_CONN_DAYBOOK_STORE_LOADER"] = connection(STORE, loader)
        env["DAYBOOK_CONNECTIONS"] = "daybook_postgres,daybook_cassandra,daybook_store,daybook_store_loader"
        spelled = connection(POSTGRES, plain | {"PGPASSWORD": "x"}, sslmode="verify-full")
        (home / "password").write_text("x")
        conditions: dict[str, tuple[str, dict[str, str]]] = {
            "extract_postgres": ("extract_postgres", {}),
            "extract_cassandra": ("extract_cassandra", {}),
            "silver": ("silver", {}),
            "gold": ("gold", {}),
            "load_duckdb": ("load_duckdb", {}),
            "verify": ("verify", {}),
            "the variable, too": ("extract_postgres", {"PGPASSWORD": "x"}),
            "the file, too": ("extract_cassandra", {"CASSANDRA_PASSWORD_FILE": str(home / "password")}),
            "the passfile, too": ("extract_postgres", {"PGPASSFILE": str(home / "password")}),
            "the store's variable, too": ("verify", {"AWS_SECRET_ACCESS_KEY": "x"}),
            "one that is not there": ("extract_cassandra", {"AIRFLOW_CONN_DAYBOOK_CASSANDRA": ""}),
            "an extra that is no setting": ("extract_postgres", {"AIRFLOW_CONN_DAYBOOK_POSTGRES": spelled}),
        }
        told = [{"task": task, "changes": more, "killed": False, "day": FIRST} for task, more in conditions.values()]
        with CommandLines().watched() as lines:
            self.output = python(home, env, str(IN_AIRFLOW / "retries.py"), json.dumps(told))
        self.command_lines = "\n".join(lines.seen)
        self.states = dict(zip(conditions, json.loads(self.output.splitlines()[-1]), strict=True))


@pytest.fixture(scope="module")
def tried(daybook: Daybook, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    return Tried(daybook, tmp_path_factory.mktemp("airflow"))


def test_a_day_goes_through_all_jobs_by_connections_alone(tried: Tried) -> None:
    jobs = ("extract_postgres", "extract_cassandra", "silver", "gold", "load_duckdb", "verify")
    assert {job: tried.states[job] for job in jobs} == dict.fromkeys(jobs, DONE), tried.output


@pytest.mark.parametrize(
    ("twice", "name", "connection", "gives"),
    [
        ("the variable, too", "PGPASSWORD", "daybook_postgres", "PGPASSWORD"),
        ("the file, too", "CASSANDRA_PASSWORD_FILE", "daybook_cassandra", "CASSANDRA_PASSWORD"),
        ("the passfile, too", "PGPASSFILE", "daybook_postgres", "PGPASSWORD"),
        ("the store's variable, too", "AWS_SECRET_ACCESS_KEY", "daybook_store", "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_what_is_given_twice_is_refused_at_once_with_both_names(
    tried: Tried, twice: str, name: str, connection: str, gives: str
) -> None:
    assert tried.states[twice] == NEVER
    line = f"failed (exit 2): setting {name} is in the environment, and connection '{connection}' gives {gives}, too"
    assert f"{line} -- next: unset {name}, or take it out of the connection" in tried.output


def test_no_secret_of_a_connection_is_printed_or_in_a_command_line(tried: Tried) -> None:
    assert re.search(r"jobs/silver\.py --ds", tried.command_lines)
    assert [s for s in tried.secrets if s in tried.output or s in tried.command_lines] == []


def test_a_connection_that_cannot_be_had_is_tried_again(tried: Tried) -> None:
    assert tried.states["one that is not there"] == AGAIN
    assert "DAYBOOK_CONNECTIONS names connection 'daybook_cassandra', which cannot be had" in tried.output


def test_an_extra_that_is_no_setting_is_refused_and_not_left_out(tried: Tried) -> None:
    assert tried.states["an extra that is no setting"] == NEVER
    assert "extra 'sslmode' of connection 'daybook_postgres' is no setting" in tried.output
