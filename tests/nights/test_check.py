"""The look before the first night: each fault that is planted is at its line, with a cure, and nowhere else."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daybook import days
from local import state
from local.accounts import cassandra, objectstore
from local.demo import rates as demo_rates
from local.servers.objectstore import BUCKETS
from tests.kit import other_clock, store_proxy
from tests.kit.airflow import python
from tests.kit.harness import Daybook, Driver, Ended
from tests.kit.hold import Relay
from tests.kit.own_sources import Sources, own_sources
from tests.kit.sources import CASSANDRA_SCRIPT, cassandra_keyspace
from tests.kit.standby import standby
from toolchain import places, setup

LINE = re.compile(r"^(✓|✕) ([^:]+): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Sources of the tests' own, and settings with which all is right."""

    daybook: Daybook
    driver: Driver
    sources: Sources
    settings: dict[str, str]

    def check(self, **changes: str) -> Ended:
        """Look at everything; keyword arguments change the settings."""
        return self.driver.run("check", **{"PATH": "/nonexistent"} | self.settings | changes)

    def change(self, *statements: str) -> None:
        """Let PostgreSQL's administrator say something in the tests' own schema."""
        with self.daybook.postgres("admin") as server, server.cursor() as run:
            run.execute(f"SET search_path = {self.sources.name}")
            for statement in statements:
                run.execute(statement)


@pytest.fixture(scope="module")
def place(daybook: Daybook, driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("check")
    rates = folder / "rates.csv"
    demo_rates.write(days.today() - timedelta(days=3), rates)
    with own_sources(daybook, "look") as sources:
        own = daybook.own_lake("check") | sources.settings | {"DAYBOOK_EXCHANGE_RATES": str(rates)}
        yield Place(daybook, driver, sources, own)


def wrong(ended: Ended) -> dict[str, str]:
    """The names that a ✕ stands at, each with its line."""
    return {name: line for mark, name, line in LINE.findall(ended.output) if mark == "✕"}


def test_where_all_is_right_it_ends_with_0_and_leaves_nothing(place: Place) -> None:
    ended = place.check()
    assert (ended.code, wrong(ended)) == (0, {}), ended.output
    assert ended.output.splitlines()[-1] == "40 checks, 0 of them wrong"
    assert [name for bucket in BUCKETS for name in left(place, bucket)] == []


def left(place: Place, bucket: str) -> list[str]:
    client = objectstore.connect(place.daybook.stack.settings("admin"))
    found = client.list_objects_v2(Bucket=bucket, Prefix="test_check/_check/").get("Contents", [])
    return [each["Key"] for each in found]


# What is set → the lines at which it is told, each with what the cure says.
SET: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "forms": (
        {"PGPORT": "54x", "CASSANDRA_PORT": "0", "DAYBOOK_DATE_ORDER": "YMD", "DAYBOOK_PASS_DAYS": "0",
         "DAYBOOK_LIMIT_ACTION": "run", "DAYBOOK_PAGE_DUE_HOURS": "0"},
        {"settings, PostgreSQL": "correct it", "settings, Cassandra": "correct it", "settings, meaning": "correct it",
         "settings, passes and timing": "correct it", "settings, warehouse": "correct it",
         "settings, page, log and measures": "correct it", "exchange rates": "correct it"},
    ),
    "equal places": (
        {"DAYBOOK_SILVER": "{DAYBOOK_GOLD}", "PGPASSWORD": "", "CASSANDRA_HOSTS": ""},
        {"settings, lake": "give each a place of its own", "settings, PostgreSQL": "export PGPASSWORD=…",
         "settings, Cassandra": "export CASSANDRA_HOSTS=…"},
    ),
    "a place in another, a certificate without its key, a truststore's password alone": (
        {"DAYBOOK_SILVER": "{DAYBOOK_GOLD}/silver", "PGSSLCERT": __file__, "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": "x"},
        {"settings, lake": "give each a place of its own", "settings, PostgreSQL": "export PGSSLKEY=…",
         "settings, Cassandra": "name the truststore"},
    ),
    "nobody listens": (
        {"PGPORT": "1", "CASSANDRA_PORT": "1"},
        {"PostgreSQL": "see that the server is up", "Cassandra": "see that the server is up"},
    ),
    "no store": (
        {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, {"object store": "see that the server is up"},
    ),
    "logins": (
        {"PGPASSWORD": "wrong", "CASSANDRA_PASSWORD": "wrong"},
        {"PostgreSQL, login": "correct PGUSER or PGPASSWORD",
         "Cassandra, login and clock": "correct CASSANDRA_USERNAME or CASSANDRA_PASSWORD"},
    ),
    "another database, another data centre": (
        {"PGDATABASE": "sozial", "CASSANDRA_LOCAL_DC": "mars"},
        {"PostgreSQL, login": "correct PGDATABASE", "Cassandra, login and clock": "correct CASSANDRA_LOCAL_DC"},
    ),
    "TLS of servers without it": (
        {"PGSSLMODE": "require", "CASSANDRA_SSL_TRUSTSTORE": "{trusted}",
         "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": "changeit"},
        {"PostgreSQL, login": "correct PGSSLMODE", "Cassandra, login and clock": "correct CASSANDRA_SSL_TRUSTSTORE"},
    ),
    "the store's key": ({"AWS_SECRET_ACCESS_KEY": "wrong"}, {"object store, keys": "correct AWS_SECRET_ACCESS_KEY"}),
    "the store's account": ({"AWS_ACCESS_KEY_ID": "nobody"}, {"object store, keys": "correct AWS_ACCESS_KEY_ID"}),
    "a bucket that is not ours": (
        {"DAYBOOK_GOLD": "s3a://no-such-bucket"}, {"object store, keys": "see that the bucket is there, and grant it"},
    ),
    "old rates, no folder": (
        {"DAYBOOK_EXCHANGE_RATES": "{old}", "DUCKDB_PATH": "/proc/daybook/analytics.duckdb"},
        {"exchange rates": "make rates FILE=eurofxref-hist.csv",
         "folder of the warehouse": ""},  # root may write there, and has no room
    ),
    "another base of the rates": (
        {"DAYBOOK_REPORTING_CURRENCY": "USD"}, {"exchange rates": "set DAYBOOK_EXCHANGE_RATES to a file in USD"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SET)
def test_a_wrong_setting_is_told_at_its_line_with_a_cure(place: Place, tmp_path: Path, what: str) -> None:
    changes, expected = SET[what]
    old = tmp_path / "old.csv"
    old.write_text("currency,base,valid_from,rate\nUSD,EUR,2020-01-01,0.9\n")
    words = place.settings | {"trusted": f"{setup.load().java_home}/lib/security/cacerts", "old": str(old)}
    ended = place.check(**{name: value.format(**words) for name, value in changes.items()})
    found = wrong(ended)
    assert found.keys() == expected.keys(), ended.output
    for name, cure in expected.items():
        assert f" -- next: {cure}" in found[name]
    may_pass = what in ("nobody listens", "no store")
    assert ended.code == (1 if may_pass else 2)
    assert ended.output.splitlines()[-1].endswith(f" checks, {len(expected)} of them wrong")


# What PostgreSQL's administrator does, and undoes → the line, and what the cure says.
DONE: dict[str, tuple[str, str, dict[str, str]]] = {
    "a right is taken": (
        "REVOKE SELECT (email) ON users FROM daybook_etl", "GRANT SELECT (email) ON users TO daybook_etl",
        {"PostgreSQL, rights": "GRANT SELECT (email) ON look.users TO daybook_etl",
         "PostgreSQL, rows that can be seen": "GRANT SELECT (email) ON look.users TO daybook_etl"},
    ),
    "a column is gone": (
        "ALTER TABLE groups RENAME description TO about", "ALTER TABLE groups RENAME about TO description",
        {"PostgreSQL, columns and types": "nothing was published",
         "PostgreSQL, rows that can be seen": "repair the view or function"},
    ),
    "a type is another": (
        "ALTER TABLE activities ALTER scheduled_at TYPE bytea USING NULL",
        "ALTER TABLE activities ALTER scheduled_at TYPE text USING NULL",
        {"PostgreSQL, columns and types": "nothing was published"},
    ),
    "rows are hidden": (
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY", "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
        {"PostgreSQL, rows that can be seen": "give the role BYPASSRLS"},
    ),
    "few connections": (
        "ALTER ROLE daybook_etl CONNECTION LIMIT 3", "ALTER ROLE daybook_etl CONNECTION LIMIT -1",
        {"PostgreSQL, connections": "raise max_connections"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DONE)
def test_what_is_wrong_in_postgresql_is_told_at_its_line(place: Place, what: str) -> None:
    does, undoes, expected = DONE[what]
    place.change(does)
    try:
        ended = place.check()
    finally:
        place.change(undoes)
    found = wrong(ended)
    assert expected.keys() <= found.keys(), ended.output
    for name, cure in expected.items():
        assert f" -- next: {cure}" in found[name]


# What becomes of a table in a keyspace of the test's own → the line of the table, and what the cure says.
TABLES: dict[str, tuple[str, str]] = {
    "DROP TABLE user_session_events": ("does not exist", "nothing was published"),
    "REVOKE SELECT ON KEYSPACE look_tables FROM look_tables": ("", "GRANT SELECT ON KEYSPACE look_tables"),
    "DROP TABLE user_session_events; CREATE TABLE user_session_events (user_id uuid, event_time timestamp, session_id"
    " uuid, event_type text, PRIMARY KEY (user_id, session_id, event_time))": (
        "event_time is not its first clustering column", "make event_time its first clustering column",
    ),
    "DROP TABLE user_session_events; CREATE TABLE user_session_events (user_id uuid, event_time timestamp, session_id"
    " uuid, event_type blob, PRIMARY KEY (user_id, event_time, session_id))": (
        "event_type is blob", "nothing was published",
    ),
}  # fmt: skip


@pytest.mark.parametrize("does", TABLES)
def test_what_is_wrong_in_cassandra_is_told_at_the_tables_line(place: Place, does: str) -> None:
    line, cure = TABLES[does]
    admin = place.daybook.stack.settings("admin")
    with (
        cassandra_keyspace(place.daybook, "look_tables", CASSANDRA_SCRIPT) as changes,
        cassandra.connect(admin) as session,
    ):
        session.set_keyspace("look_tables")
        for statement in cassandra.statements(does):
            session.execute(statement)
        found = wrong(place.check(**changes))
    assert "Cassandra, user_session_events" in found
    assert line in found["Cassandra, user_session_events"]
    assert cure in found["Cassandra, user_session_events"].partition(" -- next: ")[2]


@pytest.mark.parametrize("lacking", ["s3:PutObject", "s3:DeleteObject", "s3:GetObject"])
def test_a_right_that_the_stores_account_lacks_is_told_at_each_layer(place: Place, lacking: str) -> None:
    actions = [action for action in objectstore.READ + objectstore.WRITE + objectstore.LOOK if action != lacking]
    place.daybook.stack.user("look-narrow", "only-for-this-test", objectstore.policy(BUCKETS, actions))
    ended = place.check(AWS_ACCESS_KEY_ID="look-narrow", AWS_SECRET_ACCESS_KEY="only-for-this-test")
    found = wrong(ended)
    assert {f"object store, {bucket}" for bucket in BUCKETS} <= found.keys(), ended.output
    assert all(" -- next: see that the bucket is there, and grant it" in found[f"object store, {b}"] for b in BUCKETS)
    assert ended.code == 2


def test_a_rule_that_would_take_live_files_is_told_at_its_bucket(place: Place) -> None:
    client = objectstore.connect(place.daybook.stack.settings("admin"))
    rule: Any = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": "test_check/"}, "Expiration": {"Days": 30}}
    client.put_bucket_lifecycle_configuration(Bucket="silver", LifecycleConfiguration={"Rules": [rule]})
    try:
        ended = place.check()
    finally:
        client.delete_bucket_lifecycle(Bucket="silver")
    assert wrong(ended).keys() == {"object store, rules of silver"}, ended.output
    assert " -- next: take the rule out" in wrong(ended)["object store, rules of silver"]


def test_a_store_that_knows_no_conditions_is_told_at_each_layer(place: Place) -> None:
    with store_proxy.way(place.daybook.lake.endpoint, "pass", unconditional=True) as there:
        ended = place.check(AWS_ENDPOINT_URL_S3=there.address)
    found = wrong(ended)
    assert found.keys() == {f"object store, {bucket}" for bucket in BUCKETS}, ended.output
    told = re.compile(
        "of 8 who write at once [2-8] create an object, [2-8] replace it -- next: use a store with condit"
    )
    assert all(told.match(line) for line in found.values()), found
    assert ended.code == 2


def test_a_server_that_accepts_and_says_nothing_costs_seconds_and_not_a_minute(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        begun = time.monotonic()
        ended = place.check(PGPORT=port, CASSANDRA_PORT=port)
        took = time.monotonic() - begun
    assert wrong(ended).keys() == {"PostgreSQL, login", "Cassandra, login and clock"}, ended.output
    assert wrong(ended)["PostgreSQL, login"].startswith("no answer in 15 s -- next: see that the server is up")
    assert "timed out after 5000 ms" in wrong(ended)["Cassandra, login and clock"]
    assert (ended.code, took < 60) == (1, True)


def test_no_secret_is_in_what_it_prints_or_in_its_report(place: Place, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    changes = place.settings | {"PGDATABASE": "sozial"}
    ended = place.driver.run("check", "--report", str(report), **changes)
    told = json.loads(report.read_text())
    assert (report.stat().st_mode & 0o777, told["settings"]["PGPASSWORD"]) == (0o600, "********")
    assert [each["next"] for each in told["findings"] if each["exit_code"]] == ["correct PGDATABASE"]
    secrets = {*state.load(place.daybook.stack.home).secrets.values(), place.settings["CASSANDRA_PASSWORD"]}
    assert [secret for secret in secrets if secret in ended.output + report.read_text()] == []


def test_by_hand_it_is_a_python_program_and_an_executors_task_is_among_its_lines(place: Place) -> None:
    python = str(places.python("spark"))
    env = place.daybook.env() | place.settings
    done = subprocess.run([python, str(places.ROOT / "jobs" / "check.py")], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ executor, Cassandra: reached" in done.stdout


def test_airflows_pools_and_connection_are_looked_at_where_it_is_at_hand(place: Place, tmp_path: Path) -> None:
    """The cures are typed as they stand, and then all is right."""
    path = f"{places.environment('airflow') / 'bin'}:{os.environ['PATH']}"
    env = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PATH": path}
    python(tmp_path, env | {"HOME": str(tmp_path)}, "-m", "airflow", "db", "migrate")
    found = wrong(place.check(**env))
    assert found.keys() == {"Airflow, pools", "Airflow, connection"}
    for line in found.values():
        cure = line.partition(" -- next: ")[2]
        subprocess.run(["sh", "-ec", cure], env=env | {"HOME": str(tmp_path)}, cwd=places.ROOT, check=True)
    ended = place.check(**env)
    assert (ended.code, wrong(ended)) == (0, {}), ended.output
    assert "✓ Airflow, pools: daybook_postgres, daybook_cassandra, daybook_duckdb have a slot each" in ended.output


def test_a_standby_that_is_behind_and_a_balancer_are_told_at_their_lines(place: Place) -> None:
    with standby(place.daybook) as there:
        there.primary.execute("SELECT txid_current()")
        there.catch_up()
        assert wrong(place.check(**there.settings)) == {}
        at_once = place.check(**there.settings, DAYBOOK_SETTLE_MINUTES="0")
        assert wrong(at_once).keys() == {"PostgreSQL, clock"}
        told = wrong(at_once)["PostgreSQL, clock"]
        assert "a standby that has replayed up to " in told and "any commit there moves it on" in told
        ports = [int(settings["PGPORT"]) for settings in (place.daybook.stack.settings("etl"), there.settings)]
        with closing(Relay("no such query", *ports)) as balancer:
            found = wrong(place.check(PGPORT=str(balancer.port)))
    assert found.keys() >= {"PostgreSQL, one server"}
    assert " -- next: name the server itself by PGHOST and PGPORT" in found["PostgreSQL, one server"]


def test_clocks_that_are_apart_are_told_of_each_server(place: Place) -> None:
    kit = replace(place.driver, jobs=Path(other_clock.__file__).parent)
    ended = kit.run("other_clock", "2", "0", "check", **place.settings)
    assert wrong(ended).keys() == {"PostgreSQL, clock", "Cassandra, login and clock", "object store, clock"}, (
        ended.output
    )
    assert all("this machine's" in line for line in wrong(ended).values())
