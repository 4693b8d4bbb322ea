"""The PostgreSQL tables of a day are of one moment, whatever is written meanwhile and whatever is killed."""

import signal
import subprocess
from datetime import date, datetime
from typing import Any

import psutil

from daybook.contracts import POSTGRES_TABLES
from daybook.process.watcher import JVM_ENDED
from tests.kit.harness import JOBS, Daybook, Driver, until
from tests.kit.pairs import PREFILLED, column, live, own_schema, write_pair, writer
from tests.kit.processes import alive

DAY = date(2025, 1, 20)
EXTRACTIONS = 6
STATE = "SELECT (SELECT count(*) FROM users), clock_timestamp(), pg_current_wal_lsn()"
# Reading the view waits for the lock while somebody else holds it; looking it up does not.
WAITING_VIEW = """
    ALTER TABLE activities RENAME TO stored_activities;
    CREATE VIEW activities AS SELECT * FROM stored_activities
        WHERE EXISTS (SELECT FROM pg_advisory_xact_lock_shared(%(lock)s));
    GRANT SELECT ON activities TO daybook_etl"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daybook' AND wait_event = 'advisory'"
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'daybook'"


def ask(run: Any, query: str) -> Any:
    run.execute(query)
    return run.fetchone()


def test_a_user_and_its_membership_are_always_extracted_together(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("snapshot")
    with own_schema(daybook, "snapshot") as run, writer(daybook, "snapshot"):
        until(lambda: ask(run, STATE)[0] > PREFILLED, "the writer writes")
        for _ in range(EXTRACTIONS):
            before = ask(run, STATE)
            ended = driver.run("extract_postgres", "--ds", str(DAY), "--refresh", PG_SCHEMA="snapshot", **lake)
            after = ask(run, STATE)
            assert ended.code == 0, ended.output
            found = live(daybook, lake["DAYBOOK_BRONZE"], DAY)
            users = column(daybook, found, "users", "id")
            assert users == column(daybook, found, "groups_users_user", "users_id")
            taken = found.manifest.inputs["snapshot"]
            run.execute("SELECT %s::pg_lsn BETWEEN %s AND %s", (taken["lsn"], before[2], after[2]))
            assert run.fetchone() == (True,)
            assert before[1] < datetime.fromisoformat(taken["taken_at"]) < after[1]
            assert before[0] < len(users) < after[0], "commits happened before the snapshot and after it"


def test_after_a_crash_between_two_tables_all_five_are_of_one_new_snapshot(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("crash") | {"PG_SCHEMA": "crash"}
    bronze = lake["DAYBOOK_BRONZE"]
    with own_schema(daybook, "crash") as run:
        run.execute(WAITING_VIEW, {"lock": 1})
        run.execute("INSERT INTO stored_activities (id) VALUES (gen_random_uuid())")
        run.execute("SELECT pg_advisory_lock(1)")
        command = ["spark-submit", str(JOBS / "extract_postgres.py"), "--ds", str(DAY)]
        job = subprocess.Popen(
            command, env=daybook.env(**lake), cwd=daybook.elsewhere, start_new_session=True,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until(lambda: ask(run, WAITING) == (1,), "the extraction waits for activities")
            started = [child for child in psutil.Process(job.pid).children(recursive=True) if alive(child)]
            assert len(started) == 2, "the driver that spark-submit started, and the driver's watcher"
        finally:
            job.send_signal(signal.SIGKILL)
            printed, _ = job.communicate()
        assert printed.splitlines()[-1].endswith(f" {JVM_ENDED}")
        until(lambda: not any(map(alive, started)), "the driver has gone with spark-submit")
        run.execute("SELECT pg_advisory_unlock(1)")
        until(lambda: ask(run, CONNECTED) == (0,), "the server has noticed")
        written = set(daybook.stored(bronze))
        for table in ("users", "groups", "groups_users_user"):
            assert any(f"/{table}/{DAY}/_attempts/" in name and "/part-" in name for name in written)
        assert all("/_attempts/" in name for name in written), "nothing is live"

        write_pair(run, "crash", PREFILLED)
        run.execute("INSERT INTO stored_activities (id) VALUES (gen_random_uuid())")
        _, now, _ = ask(run, STATE)
        ended = driver.run("extract_postgres", "--ds", str(DAY), **lake)
    assert ended.code == 0, ended.output
    found = live(daybook, bronze, DAY)
    rows = {table.name: found.manifest.tables[table.name].rows for table in POSTGRES_TABLES}
    pairs = PREFILLED + 1
    assert rows == dict(users=pairs, groups=0, groups_users_user=pairs, activities=2, notification_states=0)
    users = column(daybook, found, "users", "id")
    assert len(users) == pairs and users == column(daybook, found, "groups_users_user", "users_id")
    assert len(column(daybook, found, "activities", "id")) == 2
    assert datetime.fromisoformat(found.manifest.inputs["snapshot"]["taken_at"]) > now
    assert all(found.manifest.attempt in name for name in found.manifest.all_files)
    assert all("/_attempts/" in name for name in daybook.unnamed(bronze))
