"""The environment variables of each account, and the files that hand them to shells and jobs."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from local.servers import cassandra, objectstore, postgres
from local.servers.ports import HOST
from local.state import State, write_private
from toolchain import places

DEMO_RATES = "demo_rates.csv"
FILES = {"etl": "env", "loader": "loader.env", "admin": "admin.env"}
# account names are fixed: the servers hold nothing but this stack
USERS = {
    "etl": {"PGUSER": "daybook_etl", "CASSANDRA_USERNAME": "daybook_etl", "AWS_ACCESS_KEY_ID": "daybook-etl"},
    "loader": {"AWS_ACCESS_KEY_ID": "daybook-loader"},
    "admin": {
        "PGUSER": postgres.ADMIN,
        "CASSANDRA_USERNAME": cassandra.ADMIN,
        "AWS_ACCESS_KEY_ID": objectstore.ADMIN,
    },
}
PASSWORDS = {
    "etl": {
        "PGPASSWORD": "postgres_etl",
        "CASSANDRA_PASSWORD": "cassandra_etl",
        "AWS_SECRET_ACCESS_KEY": "store_etl",
    },
    "loader": {"AWS_SECRET_ACCESS_KEY": "store_loader"},
    "admin": {
        "PGPASSWORD": "postgres_admin",
        "CASSANDRA_PASSWORD": "cassandra_admin",
        "AWS_SECRET_ACCESS_KEY": "store_root",
    },
}


def of(account: str, home: Path, java_home: str, state: State) -> dict[str, str]:
    """Return the settings of one account: `etl`, `loader` (object store only) or `admin`."""
    secrets = {name: state.secrets[key] for name, key in PASSWORDS[account].items()}
    mine = {**USERS[account], **secrets, **_store(state)}
    if account != "loader":
        mine |= _databases(state)
    if account == "etl":
        mine |= {"DAYBOOK_EVENT_LOG": str(home / "spark-events"), "JAVA_HOME": java_home}
        if (home / DEMO_RATES).exists():  # the repository's are too old for the demonstration's days
            mine["DAYBOOK_EXCHANGE_RATES"] = str(home / DEMO_RATES)
        if home != places.CHECKOUT_STATE:  # a second stack must not load into the first one's warehouse
            mine["DUCKDB_PATH"] = str(home / "duckdb" / "analytics.duckdb")
    return dict(sorted(mine.items()))


def _store(state: State) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL_S3": objectstore.endpoint(state), "AWS_REGION": objectstore.REGION}


def _databases(state: State) -> dict[str, str]:
    return {
        "PGHOST": HOST,
        "PGPORT": str(state.ports["postgres"]),
        "PGDATABASE": postgres.DATABASE,
        "PGSSLMODE": "disable",
        "PG_SCHEMA": postgres.SCHEMA,
        "CASSANDRA_HOSTS": HOST,
        "CASSANDRA_PORT": str(state.ports["cassandra"]),
        "CASSANDRA_KEYSPACE": cassandra.KEYSPACE,
        "CASSANDRA_LOCAL_DC": cassandra.DATACENTER,
        "CASSANDRA_CONSISTENCY": "LOCAL_QUORUM",
    }


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write settings as a file that any shell can source, for its owner only."""
    lines = [f"export {name}={_quoted(value)}\n" for name, value in values.items()]
    write_private(path, "".join(lines))


def read(path: Path) -> dict[str, str]:
    """Read back what `write` wrote."""
    words = shlex.split(path.read_text(), comments=True)
    pairs = (word.partition("=") for word in words if word != "export")
    return {name: value for name, _, value in pairs}


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
