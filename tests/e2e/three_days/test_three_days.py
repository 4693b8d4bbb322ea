"""Three days, from real servers to the DuckDB file: what was planted is found again, and a rerun changes nothing."""

import re
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest

from benchmarks import event_log
from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.lake import manifest
from local.demo.proof import Proof
from tests.kit.harness import RANGE, SPARK_JOBS, Daybook, Driver, Ended, said

DAY = date(2025, 3, 2)


def rows_of(daybook: Daybook, names: list[str], folder: Path, query: str) -> list[Any]:
    """Rows of Parquet files of the lake, by SQL over `{files}`."""
    for number, name in enumerate(names):
        daybook.store.download(name, str(folder / f"{number}.parquet"))
    return duckdb.sql(query.format(files=f"'{folder}/*.parquet'")).fetchall()


def test_each_job_ends_well_and_sums_up(proof: Proof, three_days: dict[str, Ended]) -> None:
    ended = [line for line in three_days["day"].output.splitlines() if " done: " in line]
    assert [said(line).split()[0] for line in ended] == list(SPARK_JOBS), "each step sums up, in order"
    assert three_days["load_duckdb"].last_line.split()[0] == "load_duckdb"
    assert "one by one" not in three_days["day"].output, "each pass was one"


def test_that_spark_shows_a_plan_shortened_is_no_news_to_who_reads_the_log(three_days: dict[str, Ended]) -> None:
    assert "silver done" in three_days["day"].output and "Truncated" not in three_days["day"].output


def test_every_planted_row_is_found_again(proof: Proof) -> None:
    findings = list(proof.findings())
    assert [finding for finding in findings if not finding.right] == []
    planted = {finding.what for finding in findings if finding.planted}
    assert {"users email:missing", "user_purchases amount:negative", "late clicks"} <= planted


def test_every_ledger_balances(proof: Proof) -> None:
    for day in proof.days:
        for table in SOURCE_TABLES:
            bronze, silver = proof.bronze(table, day), proof.silver(table, day)
            kept = silver.ledger
            counted = bronze.rows if table.source == "postgres" else None  # Cassandra counts nothing
            assert bronze.ledger["source"] == counted
            assert bronze.ledger["bronze"] == bronze.rows == kept["bronze"]
            assert kept["bronze"] == kept["silver"] + kept["rejected"] + kept["duplicates"]
            assert kept["silver"] == silver.rows == sum(file.rows or 0 for file in silver.files)
            assert kept["rejected"] == sum(file.rows or 0 for file in silver.rejected_files)
        activity = proof.gold(GLOBAL_USER_ACTIVITY_PER_DAY, day).ledger
        assert activity["messages"] == activity["silver_messages"] > 0
        assert activity["money"] == activity["silver_money"] != "0.00"
        impact = proof.gold(GLOBAL_NOTIF_IMPACT_PER_DAY, day).ledger
        assert impact["gold"] == impact["silver_sendings"] > impact["successes"] > 0


def test_a_rejected_row_keeps_its_text_and_all_its_reasons(daybook: Daybook, proof: Proof, tmp_path: Path) -> None:
    table = next(t for t in SOURCE_TABLES if t.name == "user_purchases")
    names = [file.name for file in proof.silver(table, DAY).rejected_files]
    assert all(f"/_rejected/user_purchases/{DAY}/user_purchases.parquet/" in name for name in names)
    query = "SELECT currency, amount, purchase_time, reasons FROM {files} WHERE currency = 'EURO'"
    found = rows_of(daybook, names, tmp_path, query)
    assert found, "a purchase in EURO was planted on this day"
    for _, amount, time, reasons in found:
        assert reasons == ["currency:malformed", "currency:no_rate"]
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)?", amount), "the text as it was read"
        assert re.fullmatch(rf"{DAY}T[0-9:]{{8}}\.[0-9]{{6}}Z", time)


def test_from_gold_one_can_walk_to_the_source(daybook: Daybook, proof: Proof) -> None:
    gold = manifest.read(daybook.store, daybook.batch("gold", "global_user_activity_per_day", DAY))
    assert gold and gold.manifest.version >= 1 and gold.manifest.complete
    events = daybook.batch("silver", "user_session_events", DAY)
    silver = manifest.read(daybook.store, events)
    assert silver and gold.manifest.inputs["manifests"][events.key] == silver.etag
    [(bronze_key, etag)] = silver.manifest.inputs["manifests"].items()
    bronze = manifest.read(daybook.store, daybook.batch("bronze", "user_session_events", DAY))
    assert bronze and bronze.etag == etag and bronze_key == f"user_session_events/{DAY}/_MANIFEST.json"
    assert bronze.manifest.inputs["consistency"] == "LOCAL_QUORUM"
    users = manifest.read(daybook.store, daybook.batch("bronze", "users", DAY))
    assert users and re.fullmatch(r"[0-9A-F]+/[0-9A-F]+", users.manifest.inputs["snapshot"]["lsn"])


def test_all_days_of_a_run_come_from_one_snapshot(daybook: Daybook, proof: Proof) -> None:
    batches = [daybook.batch("bronze", "users", day) for day in proof.days]
    snapshots = [live.manifest.inputs["snapshot"] for batch in batches if (live := manifest.read(daybook.store, batch))]
    assert len(snapshots) == len(proof.days) and snapshots == [snapshots[0]] * len(proof.days)


def test_a_second_run_writes_nothing(daybook: Daybook, proof: Proof, driver: Driver) -> None:
    def state() -> tuple[Any, ...]:
        lake = daybook.lake
        objects = {
            name: size
            for root in (lake.bronze, lake.silver, lake.gold)
            for name, size in daybook.stored(root).items()
            if not name.startswith(f"{root}/test_")  # lakes of other tests
        }
        stat = daybook.warehouse.stat()
        return objects, stat.st_ino, stat.st_mtime_ns

    before = state()
    assert len(before[0]) > 100
    for job in SPARK_JOBS:
        again = driver.run(job, *RANGE)
        assert again.code == 0 and "0 tables published" in again.last_line, again.output
        assert "Spark UI" not in again.output, "no session is opened for nothing"
    assert daybook.load(*RANGE).code == 0
    assert state() == before
    assert not [name for name in before[0] if "_attempts" in name or "__magic" in name]


def test_the_lake_holds_no_file_that_no_manifest_names(daybook: Daybook, proof: Proof) -> None:
    lake = daybook.lake
    for root in (lake.bronze, lake.silver, lake.gold):
        assert len([name for name in daybook.stored(root) if name.endswith("/_MANIFEST.json")]) >= 6
    assert daybook.unnamed(lake.bronze, lake.silver, lake.gold) == set()


def test_password_is_in_no_query_and_the_role_may_not_select_it(daybook: Daybook, proof: Proof) -> None:
    with daybook.postgres("admin") as server, server.cursor() as cursor:
        cursor.execute("ALTER ROLE daybook_etl SET log_statement = 'all'")
    [log] = (process.log for process in daybook.stack.processes() if process.name == "postgres")
    start = log.stat().st_size
    assert daybook.submit("extract_postgres", "--ds", str(DAY), **daybook.own_lake("password")).code == 0
    queries = log.read_bytes()[start:].decode()
    assert queries.count("SET TRANSACTION SNAPSHOT") >= 5 and '"email"' in queries
    assert "password" not in queries
    with daybook.postgres("etl") as reader, reader.cursor() as cursor:
        cursor.execute("SELECT email, ctid FROM users LIMIT 1")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT password FROM users LIMIT 1")


def test_no_secret_is_in_an_event_log_a_manifest_or_an_output(
    daybook: Daybook, proof: Proof, three_days: dict[str, Ended]
) -> None:
    secrets = {v for k, v in daybook.env().items() if "SECRET" in k or "PASSWORD" in k}
    assert len(secrets) == 3
    logs = (daybook.stack.home / "spark-events").glob("*.zstd")
    written = "".join(chain.from_iterable(map(event_log.lines, logs)))
    written += "".join(done.output for done in three_days.values())
    assert "spark.app.name" in written, "the logs were read"
    manifests = [name for name in daybook.stored(daybook.lake.bronze) if name.endswith("_MANIFEST.json")]
    written += "".join(stored.body.decode() for name in manifests if (stored := daybook.store.get(name)))
    assert not [secret for secret in secrets if secret in written]


def test_the_warehouse_has_exactly_the_types_and_comments_of_the_contracts(daybook: Daybook, proof: Proof) -> None:
    types = {
        **{"uuid": "UUID", "string": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMP WITH TIME ZONE"},
        **{"int": "INTEGER", "bigint": "BIGINT", "money": "DOUBLE", "duration": "INTERVAL", "boolean": "BOOLEAN"},
    }
    with duckdb.connect(str(daybook.warehouse), read_only=True) as warehouse:
        for table in GOLD_TABLES:
            found = warehouse.execute(
                "SELECT column_name, data_type, comment FROM duckdb_columns()"
                " WHERE table_name = ? ORDER BY column_index",
                [table.name],
            ).fetchall()
            assert found == [(c.name, types[c.type], c.description) for c in table.columns]


def test_the_warehouse_adds_up_with_gold(daybook: Daybook, proof: Proof) -> None:
    with duckdb.connect(str(daybook.warehouse), read_only=True) as warehouse:
        for day in proof.days:
            ledger = proof.gold(GLOBAL_USER_ACTIVITY_PER_DAY, day).ledger
            sums = warehouse.execute(
                "SELECT count(*), sum(total_message_send_this_day), sum(total_money_spend::DECIMAL(18, 2)),"
                " sum(total_spend_time_seconds) FROM user_activity_per_day WHERE date = ?",
                [day],
            ).fetchone()
            assert sums and (sums[0], sums[1], str(sums[2])) == (
                ledger["gold"],
                ledger["messages"],
                ledger["money"],
            )
            assert sums[3] > 0
            impact = proof.gold(GLOBAL_NOTIF_IMPACT_PER_DAY, day).ledger
            counted = warehouse.execute(
                "SELECT count(*), count(*) FILTER (is_success), count(time_spend_after_success_seconds)"
                " FROM notif_impact_per_day WHERE notif_date = ?",
                [day],
            ).fetchone()
            assert counted == (impact["gold"], impact["successes"], impact["successes"])
