"""A failing job ends with one line: what, where, and the command that continues. The table holds every word of it.

Each failure is a real one, on the run's servers: schemas, a keyspace and a lake of their own are broken beforehand.
A job that fails publishes nothing, leaves nothing behind, and shows neither a traceback nor a secret.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from daybook.contracts import FIGURE_TABLES
from tests.kit import errors as kit
from tests.kit.failing import CANARY, Case, check
from tests.kit.harness import JOBS, Daybook, Driver, Ended
from toolchain import places

CORRECT = "correct it, then run the same command again"
REPAIR = "nothing was published; repair the source or its contract, then run the same command again"
UP = "see that the server is up, then run the same command again"
STORE_UP = "see that the server is up and AWS_ENDPOINT_URL_S3 is its address, then run the same command again"
REREAD = "look at it, and if it is not what the source had: spark-submit jobs/extract_postgres.py --ds 2025-03-01"
LOCAL = "export {name}=… (local stack: `. .local/env`)"


PG, CASS = "extract_postgres --ds 2025-01-15", "extract_cassandra --ds 2025-01-15 --table"
SILVER, GOLD = "silver --ds 2025-03-01 --table", "gold --ds 2025-01-15"
LOADER_KEYS = {"AWS_ACCESS_KEY_ID": "{loader_key}", "AWS_SECRET_ACCESS_KEY": "{loader_secret}"}
ADMIN_KEYS = {"AWS_ACCESS_KEY_ID": "{admin_key}", "AWS_SECRET_ACCESS_KEY": "{admin_secret}"}

CASES = [
    # settings, judged before Spark starts
    Case(PG, {"PGPASSWORD": ""}, 2, "setting PGPASSWORD is missing", LOCAL.format(name="PGPASSWORD")),
    Case(PG, {"PGPORT": "54x"}, 2, "setting PGPORT is not a whole number from 1 to 65535", CORRECT),
    Case(PG, {"PGSSLMODE": "on"}, 2,
         "setting PGSSLMODE is none of disable, allow, prefer, require, verify-ca, verify-full", CORRECT),
    Case(PG, {"PGSSLROOTCERT": "/no/root.crt"}, 2, "setting PGSSLROOTCERT names no file", CORRECT),
    Case(f"{CASS} user_purchases", {"CASSANDRA_CONSISTENCY": "TWO"}, 2,
         "setting CASSANDRA_CONSISTENCY is none of LOCAL_ONE, ONE, LOCAL_QUORUM, QUORUM, ALL", CORRECT),
    Case(f"{SILVER} groups", {"AWS_ENDPOINT_URL_S3": "127.0.0.1:9000"}, 2,
         "setting AWS_ENDPOINT_URL_S3 is not http://host:port or https://host:port", CORRECT),
    Case(f"{SILVER} groups", {"DAYBOOK_EXCHANGE_RATES": "/no/rates.csv"}, 2,
         "exchange rates /no/rates.csv: No such file or directory",
         "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"),
    Case(f"{SILVER} groups", {"DAYBOOK_EXCHANGE_RATES": "{seed}"}, 2,
         "exchange rates {seed}: line 1 is not currency,base,valid_from,rate",
         "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"),
    Case(f"{SILVER} groups", {"DAYBOOK_REPORTING_CURRENCY": "USD"}, 2,
         "exchange rates {conf_rates}: line 2 is in EUR, and DAYBOOK_REPORTING_CURRENCY is USD",
         "set DAYBOOK_EXCHANGE_RATES to a file in USD (make rates FILE=eurofxref-hist.csv BASE=USD)"),
    Case(f"{SILVER} groups", {"DAYBOOK_EXCHANGE_RATES": "{old_rates}"}, 2,
         "exchange rates {old_rates}: line 1 lacks the column base",
         "if its rates are in EUR: sed -i.old -e '1s/,/,base,/' -e '2,$s/,/,EUR,/' {old_rates}"),
    Case(f"{SILVER} groups", {"DAYBOOK_EXCHANGE_RATES": "{own_rates}"}, 2,
         "exchange rates {own_rates}: line 3 lists EUR, the base, whose rate is 1", "take the line out"),
    Case(GOLD, {"DAYBOOK_EXCHANGE_RATES": "{large_rates}"}, 2,
         "exchange rates {large_rates}: line 2: rate 10000000 is not above 0, below 10000000, of at most 12 decimals",
         "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"),
    Case(f"{SILVER} groups", {"DAYBOOK_AMOUNT_LIMIT": "1e6"}, 2,
         "setting DAYBOOK_AMOUNT_LIMIT='1e6' is not a whole number from 1 to 1000000000000", CORRECT),
    # PostgreSQL refuses, or is not there
    Case(PG, {"PGPASSWORD": CANARY}, 2,
         '{postgres} as daybook_etl: password authentication failed for user "daybook_etl"',
         "correct PGUSER or PGPASSWORD"),
    Case(PG, {"PGUSER": "nobody"}, 2,
         '{postgres} as nobody: password authentication failed for user "nobody"', "correct PGUSER or PGPASSWORD"),
    Case(PG, {"PGDATABASE": "sozial"}, 2,
         'PostgreSQL {pg_host}/sozial as daybook_etl: database "sozial" does not exist', "correct PGDATABASE"),
    Case(PG, {"PGSSLMODE": "require"}, 2,
         "{postgres} as daybook_etl: server does not support SSL, but SSL was required", "correct PGSSLMODE"),
    Case(PG, {"PGPORT": "1"}, 1, "PostgreSQL 127.0.0.1:1/social as daybook_etl: Connection refused", UP),
    Case(PG, {"PG_SCHEMA": "errors_blind"}, 2,
         "{postgres} as daybook_etl: permission denied for schema errors_blind",
         "GRANT USAGE ON SCHEMA errors_blind TO daybook_etl"),
    Case(PG, {"PG_SCHEMA": "errors_no_right"}, 2, "{postgres} as daybook_etl: permission denied for table users",
         "GRANT SELECT (ctid, id, first_name, last_name, email, created_at, updated_at) ON errors_no_right.users "
         "TO daybook_etl"),
    Case(PG, {"PG_SCHEMA": "errors_no_email"}, 2, "{postgres} as daybook_etl: permission denied for table users",
         "GRANT SELECT (email) ON errors_no_email.users TO daybook_etl"),
    # PostgreSQL's tables are not those of the contracts
    Case(PG, {"PG_SCHEMA": "errors_missing"}, 3, "PostgreSQL table errors_missing.groups has no column description; "
         "found id, name, created_at, updated_at", REPAIR),
    Case(PG, {"PG_SCHEMA": "errors_renamed"}, 3, "PostgreSQL table errors_renamed.groups has no column description; "
         "found id, name, about, created_at, updated_at", REPAIR),
    Case(PG, {"PG_SCHEMA": "errors_type"}, 3, "PostgreSQL table errors_type.groups.name is bytea; "
         "expected text or character varying or character or citext", REPAIR),
    Case(PG, {"PG_SCHEMA": "errors_table"}, 3, "PostgreSQL table errors_table.groups does not exist; "
         "expected id, name, description, created_at, updated_at", REPAIR),
    # Cassandra
    Case(f"{CASS} user_purchases", {"CASSANDRA_PASSWORD": CANARY}, 2, "{cassandra}: login of daybook_etl refused",
         "correct CASSANDRA_USERNAME or CASSANDRA_PASSWORD"),
    Case(f"{CASS} user_purchases", {"CASSANDRA_PORT": "1"}, 1, "Cassandra 127.0.0.1:1: not reached", UP),
    Case(f"{CASS} user_purchases", {"CASSANDRA_LOCAL_DC": "mars"}, 2, "{cassandra}: no node in data centre mars",
         "correct CASSANDRA_LOCAL_DC"),
    Case(f"{CASS} user_purchases", {"CASSANDRA_SSL_TRUSTSTORE": "{seed}"}, 2,
         "{cassandra}: truststore {seed} cannot be read",
         "correct CASSANDRA_SSL_TRUSTSTORE or CASSANDRA_SSL_TRUSTSTORE_PASSWORD"),
    Case(f"{CASS} user_purchases", kit.BROKEN, 3, "Cassandra table errors.user_purchases has no column amount; "
         "found user_id, purchase_time, purchase_id, currency, product_type", REPAIR),
    Case(f"{CASS} user_session_events", kit.BROKEN, 3, "Cassandra table errors.user_session_events has no column "
         "event_type; found user_id, event_time, session_id, kind", REPAIR),
    Case(f"{CASS} group_messages", kit.BROKEN, 3, "Cassandra table errors.group_messages.user_id is blob; "
         "expected uuid or timeuuid or text or ascii or tinyint or smallint or int or bigint or varint", REPAIR),
    Case(f"{CASS} user_notifications", kit.BROKEN, 3, "Cassandra table errors.user_notifications does not exist",
         REPAIR),
    Case(f"{CASS} user_purchases", kit.BLIND, 2, "Cassandra localhost:{cassandra_port}: User daybook_etl has no SELECT "
         "permission on <table errors_blind.user_purchases> or any of its parents",
         "as an administrator of Cassandra: GRANT SELECT ON KEYSPACE errors_blind TO daybook_etl"),
    # the object store
    Case(f"{SILVER} groups", {"AWS_SECRET_ACCESS_KEY": CANARY}, 2,
         "{store}: {silver}/groups/2025-03-01/_MANIFEST.json: SignatureDoesNotMatch", "correct AWS_SECRET_ACCESS_KEY"),
    Case(f"{SILVER} groups", {"AWS_ACCESS_KEY_ID": CANARY}, 2,
         "{store}: {silver}/groups/2025-03-01/_MANIFEST.json: InvalidAccessKeyId", "correct AWS_ACCESS_KEY_ID"),
    Case(f"{SILVER} groups", LOADER_KEYS, 2, "{store}: {silver}/groups/2025-03-01/_MANIFEST.json: AccessDenied",
         "see that the bucket is there, and grant it (README, “Your own databases”)"),
    Case(f"{SILVER} groups", {"DAYBOOK_SILVER": "s3a://no-such-bucket"}, 2,
         "{store}: s3a://no-such-bucket/groups/2025-03-01/_MANIFEST.json: AccessDenied",
         "see that the bucket is there, and grant it (README, “Your own databases”)"),
    Case(f"{SILVER} groups", ADMIN_KEYS | {"DAYBOOK_SILVER": "s3a://no-such-bucket"}, 2,
         "{store}: s3a://no-such-bucket/groups/2025-03-01/_MANIFEST.json: NoSuchBucket",
         "make the bucket, or name another by DAYBOOK_BRONZE, DAYBOOK_SILVER or DAYBOOK_GOLD"),
    Case(f"{SILVER} groups", {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, 1,
         "object store http://127.0.0.1:1: not reached (nobody answers)", STORE_UP),
    Case(f"{SILVER} groups", {"AWS_ENDPOINT_URL_S3": "https://{store_host}"}, 1,
         "object store https://{store_host}: not reached (TLS failed)", STORE_UP),
    Case(f"{SILVER} groups", {"AWS_ENDPOINT_URL_S3": "http://{pg_host}"}, 1,
         "object store http://{pg_host}: not reached (it hung up)", STORE_UP),
    Case(f"{SILVER} groups", {"DAYBOOK_BRONZE": "s3a://lake", "DAYBOOK_SILVER": "s3a://lake"}, 2,
         "settings DAYBOOK_BRONZE='s3a://lake' and DAYBOOK_SILVER='s3a://lake': s3a://lake is the place of both",
         "give each a place of its own, none inside another"),
    # what is in the lake
    Case("silver --ds 2025-01-15 --table users", {}, 1, "bronze _postgres 2025-01-15: not published yet",
         "spark-submit jobs/extract_postgres.py --ds 2025-01-15"),
    Case("silver --ds 2025-01-15 --table user_purchases", {}, 1, "bronze user_purchases 2025-01-15: not published yet",
         "spark-submit jobs/extract_cassandra.py --ds 2025-01-15"),
    Case(GOLD, {}, 1, "gold global_user_activity_per_day 2025-01-15: silver of user_session_events, group_messages, "
         "user_purchases is not published; 3 more failed", "spark-submit jobs/silver.py --ds 2025-01-15"),
    Case("silver --ds 2025-02-01 --table users", {}, 3, "{bronze}/_postgres/2025-02-01/_MANIFEST.json: not a manifest",
         "if nobody can restore it, delete it, then spark-submit jobs/extract_postgres.py --ds 2025-02-01"),
    Case("silver --ds 2025-02-02 --table users", {}, 3,
         "{bronze}/_postgres/2025-02-02/_MANIFEST.json: manifest format 5, this version reads 1 to 4",
         "use the version of Daybook that wrote it, or a later one"),
    Case("silver --ds 2025-02-01 --table group_messages", {}, 3,
         "{bronze}/group_messages/2025-02-01/_MANIFEST.json: not a manifest",
         "if nobody can restore it, delete it, then spark-submit jobs/extract_cassandra.py --ds 2025-02-01"),
    Case(f"{SILVER} groups", {}, 3, "{groups} is missing; its manifest promises {groups_bytes} bytes",
         "restore it, or spark-submit jobs/extract_postgres.py --ds 2025-03-01 --table groups --refresh"),
    Case(f"{SILVER} groups_users_user", {}, 3,
         "{groups_users_user} has 1 bytes; its manifest promises {groups_users_user_bytes} bytes",
         "restore it, or spark-submit jobs/extract_postgres.py --ds 2025-03-01 --table groups_users_user --refresh"),
    Case(f"{SILVER} activities", {}, 3, "{activities}: not the CSV that was published",
         f"{REREAD} --table activities --refresh"),
    Case(f"{SILVER} users", {}, 3, "{users}: not the CSV that was published",
         f"{REREAD} --table users --refresh"),
]  # fmt: skip

LOADS = [
    Case("--ds 2025-01-15", {}, 1,
         f"gold is not published: {', '.join(f'{table.name} 2025-01-15' for table in FIGURE_TABLES)}",
         "spark-submit jobs/gold.py --ds 2025-01-15"),
    Case("--rebuild", {"DAYBOOK_GOLD": "{gold}/none"}, 1, "nothing is published under {gold}/none",
         "spark-submit jobs/gold.py --ds YYYY-MM-DD"),
    Case("--ds 2025-01-15", {"AWS_SECRET_ACCESS_KEY": CANARY}, 2,
         "{store}: {gold}/global_user_activity_per_day/2025-01-13/_MANIFEST.json: SignatureDoesNotMatch",
         "correct AWS_SECRET_ACCESS_KEY"),
    Case("--ds 2025-01-15", {"DAYBOOK_GOLD": "s3a://silver", "DAYBOOK_SILVER": "s3a://gold"}, 2,
         "{store}: s3a://silver/global_user_activity_per_day/2025-01-13/_MANIFEST.json: AccessDenied",
         "see that the bucket is there, and grant it (README, “Your own databases”)"),
    Case("--ds 2025-02-01", {}, 3, "{gold}/global_user_activity_per_day/2025-02-01/_MANIFEST.json: not a manifest",
         "if nobody can restore it, delete it, then spark-submit jobs/gold.py --ds 2025-02-01"),
    Case("--ds 2025-01-15", {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, 1,
         "object store http://127.0.0.1:1: not reached (nobody answers)", STORE_UP),
    Case(
        "--ds 2025-01-15",
        {"DUCKDB_PATH": "{home}/duckdb"},
        2,
        "warehouse {home}/duckdb: is a folder",
        "set DUCKDB_PATH to a file",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def broken(daybook: Daybook, driver: Driver) -> Iterator[dict[str, str]]:
    """Sources and a lake with everything wrong that the table names; gives the words that fill the table's fields."""
    kit.break_postgres(daybook)
    kit.break_cassandra(daybook)
    try:
        words = kit.break_lake(daybook, driver, daybook.own_lake("errors"))
        yield kit.places_of(daybook) | words
    finally:
        kit.mend(daybook)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_job_that_fails_says_what_where_and_what_next(
    daybook: Daybook, driver: Driver, broken: dict[str, str], case: Case
) -> None:
    lake = daybook.own_lake("errors")
    before = kit.stored(daybook, lake)
    job, *arguments = case.job.split()
    changes = {name: value.format(**broken) for name, value in case.changes.items()}
    check(daybook, driver.run(job, *arguments, **(lake | changes)), case, broken)
    assert kit.stored(daybook, lake) == before


@pytest.mark.parametrize("case", LOADS, ids=str)
def test_a_load_that_fails_says_what_where_and_what_next(
    daybook: Daybook, loader: Driver, broken: dict[str, str], case: Case
) -> None:
    lake = daybook.own_lake("errors")
    changes = {name: value.format(**broken) for name, value in case.changes.items()}
    check(daybook, loader.run("load_duckdb", *case.job.split(), **(lake | changes)), case, broken)
    assert not Path(lake["DUCKDB_PATH"]).exists()


def test_a_folder_that_cannot_be_written_to_is_named(daybook: Daybook, tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir(mode=0o555)
    command = [str(places.python("duckdb")), str(JOBS / "load_duckdb.py"), "--ds", "2025-01-15"]
    if os.geteuid() == 0:  # root ignores the mode, unless the right to do so is dropped
        command = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", *command]
    env = daybook.env("loader", DUCKDB_PATH=f"{folder}/analytics.duckdb")
    done = subprocess.run(command, env=env, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    message = "warehouse {file}: Permission denied ({file}.lock)"
    case = Case("", {}, 2, message, "make the folder writable, or set DUCKDB_PATH to another place")
    check(daybook, Ended(done.returncode, done.stdout), case, {"file": f"{folder}/analytics.duckdb"})
    assert list(folder.iterdir()) == []


def test_spark_submit_refuses_a_malformed_day_before_spark_starts(daybook: Daybook) -> None:
    ended = daybook.submit("extract_postgres", "--ds", "2025-02-30")
    refused = "argument --ds: '2025-02-30' is not a day of the form YYYY-MM-DD (see --help)"
    assert (ended.code, ended.last_line) == (2, f"extract_postgres.py: {refused}")
    assert "Spark UI" not in ended.output


# What spark-submit itself says before any Python runs: the job cannot say it better.
NO_JAVA = [
    ({"JAVA_HOME": "/no/java"}, 1, r".*/spark-class: line \d+: /no/java/bin/java: No such file or directory"),
    ({"JAVA_HOME": ""}, 1, r"JAVA_HOME is not set"),
]


@pytest.mark.parametrize(("changes", "code", "line"), NO_JAVA)
def test_without_java_spark_submit_says_so(
    daybook: Daybook, tmp_path: Path, changes: dict[str, str], code: int, line: str
) -> None:
    for tool in ("bash", "dirname", "env", "python3"):
        (tmp_path / tool).symlink_to(kit.program(tool))
    environment = daybook.env(**changes)
    environment["PATH"] = f"{places.environment('spark') / 'bin'}:{tmp_path}"
    command = [str(places.environment("spark") / "bin" / "spark-submit"), str(JOBS / "silver.py"), "--ds", "2025-03-01"]
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == code, done.stdout
    assert any(re.fullmatch(line, said) for said in done.stdout.splitlines()), done.stdout
