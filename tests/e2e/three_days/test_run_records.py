"""Records of real runs: what they say, what they never say, and that no run needs one."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.process import runs
from daybook.records.run_record import RunRecord
from local import state
from local.accounts.objectstore import READ, WRITE, policy
from local.demo.proof import Proof
from local.servers.objectstore import BUCKETS
from tests.kit.harness import FIRST, LAST, Daybook, Driver, Ended, said

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date()  # midnight may pass


def records(daybook: Daybook, job: str) -> list[RunRecord]:
    found = runs.since(YESTERDAY, daybook.store, daybook.lake, daybook.warehouse)
    return [record for record in found if record.job == job]


def test_a_run_says_of_each_table_and_day_what_it_made(daybook: Daybook, proof: Proof) -> None:
    day = records(daybook, "day")[0]
    assert (day.first_day, day.last_day, day.exit_code) == (date.fromisoformat(FIRST), date.fromisoformat(LAST), 0)
    assert day.application_id and day.application_id.startswith("local-")
    assert day.last_line and day.last_line.startswith("gold done: ")
    assert day.cpu_seconds and day.cpu_seconds > 5 and day.peak_memory_bytes and day.peak_memory_bytes > 300_000_000
    made = {(each.layer, each.table, each.day): (each.rows, each.bytes) for each in day.table_days if each.changed}
    entries = {
        **{("bronze", t.name, d): proof.bronze(t, d) for t in SOURCE_TABLES for d in proof.days},
        **{("silver", t.name, d): proof.silver(t, d) for t in SOURCE_TABLES for d in proof.days},
        **{("gold", t.name, d): proof.gold(t, d) for t in GOLD_TABLES for d in proof.days},
    }
    assert made == {of: (entry.rows, entry.bytes) for of, entry in entries.items()}
    load = records(daybook, "load_duckdb")[0]
    assert (load.exit_code, load.application_id) == (0, None)
    assert {(each.table, each.day): each.rows for each in load.table_days} == {
        (table, day): rows for (layer, table, day), (rows, _) in made.items() if layer == "gold"
    }


def test_a_failed_and_a_repeated_run_have_records_of_their_own(daybook: Daybook, driver: Driver, proof: Proof) -> None:
    before = records(daybook, "silver")
    failed = driver.run("silver", "--ds", "2025-01-01")
    again = driver.run("silver", "--ds", FIRST)
    new = [record for record in records(daybook, "silver") if record not in before]
    assert [record.exit_code for record in new] == [failed.code, again.code] == [1, 0]
    assert [record.last_line for record in new] == [failed.last_line, again.last_line]
    assert {each.changed for each in new[1].table_days} == {False}


def test_neither_secrets_nor_what_people_wrote_are_in_records_measures_or_log(
    daybook: Daybook, driver: Driver, three_days: dict[str, Ended]
) -> None:
    told = {"DAYBOOK_LOG": "json", "DAYBOOK_METRICS_FILE": str(daybook.stack.home / "daybook.prom")}
    made = driver.run("silver", "--ds", FIRST, **told)
    assert made.code == 0 and json.loads(made.output.splitlines()[-1])["job"]
    verified = daybook.verify("--ds", FIRST, **told)
    names = [
        name for root in (daybook.lake.bronze, daybook.lake.silver) for name in daybook.store.sizes(f"{root}/_runs")
    ]
    stored = [found.body.decode() for name in names if (found := daybook.store.get(name))]
    stored += [path.read_text() for path in (daybook.warehouse.parent / "daybook").rglob("*.json")]
    measures = (daybook.stack.home / "daybook.prom").read_text()
    everything = "\n".join(
        [*stored, measures, made.output, verified.output, *(run.output for run in three_days.values())]
    )
    assert len(stored) >= 3 and 'daybook_day_rows{layer="silver",step="silver",table="users"}' in measures
    secrets = state.load(daybook.stack.home).secrets
    with daybook.postgres("admin") as server, server.cursor() as cursor:
        cursor.execute("SELECT email FROM users WHERE length(email) > 5 UNION SELECT id::text FROM users")
        written = {row[0] for row in cursor.fetchall()}
    assert len(written) > 100
    assert [value for value in (*secrets.values(), *written) if value in everything] == []


@pytest.fixture
def without_records(daybook: Daybook) -> dict[str, str]:
    """An account that may do all that jobs do, but write records."""
    name, password = "daybook-silent", "only-for-this-test"
    rights = policy(BUCKETS, READ + WRITE)
    refused = {"Effect": "Deny", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::*/_runs/*"]}
    rights["Statement"].append(refused)
    daybook.stack.user(name, password, rights)
    return {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": password}


def test_a_store_that_refuses_the_record_is_a_warning(
    daybook: Daybook, driver: Driver, proof: Proof, without_records: dict[str, str]
) -> None:
    before = records(daybook, "gold")
    ended = driver.run("gold", "--ds", FIRST, **without_records)
    assert ended.code == 0, ended.output
    warned = [said(line) for line in ended.output.splitlines() if " WARNING the record of this run " in line]
    assert len(warned) == 2, "at the start and at the end"
    assert all(line.endswith(".json: AccessDenied") for line in warned)
    assert records(daybook, "gold") == before
