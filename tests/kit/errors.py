"""What `test_errors.py` breaks: PostgreSQL schemas, Cassandra keyspaces and a lake, all of the test's own."""

import json
import shutil
from contextlib import closing

from local.accounts import cassandra as cql
from local.accounts import objectstore
from local.accounts.postgres import READABLE
from tests.kit.harness import Daybook, Driver
from toolchain.places import ROOT

# Each schema is a copy of the run's tables; then one thing in it is changed.
SCHEMAS = {
    "errors_missing": "ALTER TABLE {schema}.groups DROP COLUMN description",
    "errors_renamed": "ALTER TABLE {schema}.groups RENAME COLUMN description TO about",
    "errors_type": "ALTER TABLE {schema}.groups ALTER COLUMN name TYPE bytea USING NULL",
    "errors_table": "DROP TABLE {schema}.groups",
    "errors_blind": "REVOKE USAGE ON SCHEMA {schema} FROM daybook_etl",
    "errors_no_right": "REVOKE SELECT ON {schema}.users FROM daybook_etl",
    "errors_no_email": "REVOKE SELECT ON {schema}.users FROM daybook_etl; "
    "GRANT SELECT (ctid, id, first_name, last_name, created_at, updated_at) ON {schema}.users TO daybook_etl",
}
# By another name of the host: the connector keeps a session per address, and the schema it saw when it opened it.
BROKEN = {"CASSANDRA_KEYSPACE": "errors", "CASSANDRA_HOSTS": "localhost"}
BLIND = {"CASSANDRA_KEYSPACE": "errors_blind", "CASSANDRA_HOSTS": "localhost"}
REPLICATION = "WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
KEYSPACES = [
    f"CREATE KEYSPACE errors {REPLICATION}",
    "GRANT SELECT ON KEYSPACE errors TO daybook_etl",
    "CREATE TABLE errors.user_purchases (user_id uuid, purchase_time timestamp, purchase_id uuid, product_type text, "
    "currency text, PRIMARY KEY ((user_id), purchase_time, purchase_id))",
    "CREATE TABLE errors.user_session_events (user_id uuid, event_time timestamp, session_id uuid, event_type text, "
    "PRIMARY KEY ((user_id), event_time, session_id, event_type))",
    "ALTER TABLE errors.user_session_events RENAME event_type TO kind",
    "CREATE TABLE errors.group_messages (group_id uuid, created_at timestamp, message_id uuid, user_id blob, "
    "content text, PRIMARY KEY ((group_id), created_at, message_id))",
    f"CREATE KEYSPACE errors_blind {REPLICATION}",
    "CREATE TABLE errors_blind.user_purchases (user_id uuid, purchase_time timestamp, purchase_id uuid, "
    "product_type text, amount decimal, currency text, PRIMARY KEY ((user_id), purchase_time, purchase_id))",
]

# Files of exchange rates, each with one thing wrong.
RATES = {
    "old_rates": "currency,valid_from,rate\nUSD,2025-01-01,0.96\n",
    "own_rates": "currency,base,valid_from,rate\nUSD,EUR,2025-01-01,0.96\nEUR,EUR,2025-01-01,1\n",
    "large_rates": "currency,base,valid_from,rate\nXTS,EUR,2025-01-01,10000000\n",
}


def break_postgres(daybook: Daybook) -> None:
    with closing(daybook.postgres("admin")) as server, server, server.cursor() as run:
        for schema, change in SCHEMAS.items():
            run.execute(f"CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO daybook_etl")
            for table in READABLE:
                run.execute(f"CREATE TABLE {schema}.{table} AS SELECT * FROM public.{table} LIMIT 3")
            run.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO daybook_etl")
            run.execute(change.format(schema=schema))


def break_cassandra(daybook: Daybook) -> None:
    with cql.connect(daybook.stack.settings("admin")) as session:
        for statement in KEYSPACES:
            session.execute(statement)


def mend(daybook: Daybook) -> None:
    """Take schemas and keyspaces away again."""
    with closing(daybook.postgres("admin")) as server, server, server.cursor() as run:
        for schema in SCHEMAS:
            run.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    with cql.connect(daybook.stack.settings("admin")) as session:
        for keyspace in ("errors", "errors_blind"):
            session.execute(f"DROP KEYSPACE IF EXISTS {keyspace}")


def break_lake(daybook: Daybook, driver: Driver, lake: dict[str, str]) -> dict[str, str]:
    """Publish a day and damage four of its files, put two manifests that are none; gives the files' names and bytes."""
    bronze, gold = lake["DAYBOOK_BRONZE"], lake["DAYBOOK_GOLD"]
    assert driver.run("extract_postgres", "--ds", "2025-03-01", **lake).code == 0
    body = daybook.store.get(f"{bronze}/_postgres/2025-03-01/_MANIFEST.json")
    assert body
    tables = json.loads(body.body)["tables"]
    files = {
        name: {**(file := entry["files"][0]), "name": f"{bronze}/{file['name']}"} for name, entry in tables.items()
    }
    daybook.store.delete([files["groups"]["name"]])
    put(daybook, files["groups_users_user"]["name"], b"x")
    for name, damage in {"activities": _other_header, "users": _open_quote}.items():
        whole = daybook.store.get(files[name]["name"])
        assert whole
        put(daybook, files[name]["name"], damage(whole.body))
    for table in ("_postgres", "group_messages"):
        put(daybook, f"{bronze}/{table}/2025-02-01/_MANIFEST.json", b"<html>404</html>")
    put(daybook, f"{bronze}/_postgres/2025-02-02/_MANIFEST.json", b'{"format": 5}')
    put(daybook, f"{gold}/global_user_activity_per_day/2025-02-01/_MANIFEST.json", b"[]")
    sizes = {f"{name}_bytes": f"{file['bytes']:,}" for name, file in files.items()}
    return {name: file["name"] for name, file in files.items()} | sizes


def _other_header(body: bytes) -> bytes:
    return b"no" + body[2:]


def _open_quote(body: bytes) -> bytes:
    head, end, rows = body.partition(b"\n")
    return head + end + b'"' * 3 + rows[3:]


def put(daybook: Daybook, uri: str, body: bytes) -> None:
    bucket, _, key = uri.removeprefix("s3a://").partition("/")
    objectstore.connect(daybook.stack.settings("etl")).put_object(Bucket=bucket, Key=key, Body=body)


def stored(daybook: Daybook, lake: dict[str, str]) -> dict[str, int]:
    """Every object of the lake, with its bytes."""
    roots = [lake[f"DAYBOOK_{layer}"] for layer in ("BRONZE", "SILVER", "GOLD")]
    return {name: size for root in roots for name, size in daybook.stored(root).items()}


def places_of(daybook: Daybook) -> dict[str, str]:
    """The words of the table that differ from run to run."""
    etl, lake = daybook.stack.settings("etl"), daybook.own_lake("errors")
    pg_host = f"{etl['PGHOST']}:{etl['PGPORT']}"
    return {
        "pg_host": pg_host,
        "postgres": f"PostgreSQL {pg_host}/{etl['PGDATABASE']}",
        "cassandra": f"Cassandra {etl['CASSANDRA_HOSTS']}:{etl['CASSANDRA_PORT']}",
        "cassandra_port": etl["CASSANDRA_PORT"],
        "store": f"object store {etl['AWS_ENDPOINT_URL_S3']}",
        "store_host": etl["AWS_ENDPOINT_URL_S3"].removeprefix("http://"),
        "seed": str(daybook.stack.home / "seed.json"),
        "home": str(daybook.stack.home),
        "conf_rates": str(ROOT / "conf" / "exchange_rates.csv"),
        **{name: _rates(daybook, name, lines) for name, lines in RATES.items()},
        **{layer: lake[f"DAYBOOK_{layer.upper()}"] for layer in ("bronze", "silver", "gold")},
        **_keys(daybook, "loader"),
        **_keys(daybook, "admin"),
    }


def _rates(daybook: Daybook, name: str, lines: str) -> str:
    path = daybook.stack.home / f"{name}.csv"
    path.write_text(lines)
    return str(path)


def _keys(daybook: Daybook, account: str) -> dict[str, str]:
    found = daybook.stack.settings(account)
    return {f"{account}_key": found["AWS_ACCESS_KEY_ID"], f"{account}_secret": found["AWS_SECRET_ACCESS_KEY"]}


def is_secret(name: str) -> bool:
    return any(word in name for word in ("PASSWORD", "SECRET"))


def program(name: str) -> str:
    """Where a program of the machine is."""
    found = shutil.which(name)
    assert found, f"no {name} on PATH"
    return found
