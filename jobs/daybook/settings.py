"""Settings: the environment, read once, judged before anything starts. No secret ever comes by argument."""

import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from daybook.errors import UsageError

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Meaning:
    """The settings that change what the figures mean."""

    reporting_currency: str
    exchange_rates: Path
    max_gap: timedelta
    attribution: timedelta
    success_states: tuple[str, ...]
    id_namespace: uuid.UUID | None

    def of(self, names: tuple[str, ...]) -> dict[str, str]:
        """The values of the named settings as text, for an input fingerprint."""
        values = {
            "DAYBOOK_REPORTING_CURRENCY": self.reporting_currency,
            "DAYBOOK_MAX_GAP_HOURS": str(self.max_gap),
            "DAYBOOK_ATTRIBUTION_HOURS": str(self.attribution),
            "DAYBOOK_SUCCESS_STATES": ",".join(sorted(self.success_states)),
            "DAYBOOK_ID_NAMESPACE": str(self.id_namespace),
        }
        return {name: values[name] for name in names}


def text(env: Mapping[str, str], name: str, default: str | None = None) -> str:
    """The setting `name`; without a default it must be there.

    Raises:
        UsageError: it is missing or empty.
    """
    value = env.get(name) or default
    if value is None:
        raise UsageError(f"setting {name} is missing", then=f"export {name}=… (local stack: `. .local/env`)")
    return value


def whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """The whole number `name`, between `low` and `high`.

    Raises:
        UsageError: it is no such number.
    """
    value = text(env, name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
        raise UsageError(f"setting {name}={value!r} is not a whole number from {low} to {high}")
    return int(value)


def one_of(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """The setting `name`, one of the words `allowed`.

    Raises:
        UsageError: it is another word.
    """
    value = text(env, name, default)
    if value not in allowed:
        raise UsageError(f"setting {name}={value!r} is none of {', '.join(allowed)}")
    return value


def _file(env: Mapping[str, str], name: str) -> str | None:
    value = env.get(name) or None
    if value and not Path(value).is_file():
        raise UsageError(f"setting {name}={value!r} names no file")
    return value


def meaning(env: Mapping[str, str] = os.environ) -> Meaning:
    """The settings that change what the figures mean.

    Raises:
        UsageError: one of them is malformed.
    """
    currency = text(env, "DAYBOOK_REPORTING_CURRENCY", "EUR")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise UsageError(f"setting DAYBOOK_REPORTING_CURRENCY={currency!r} is not three letters A-Z")
    states = text(env, "DAYBOOK_SUCCESS_STATES", "CLICKED,READ,OPENED").split(",")
    if not any(state.strip() for state in states):
        raise UsageError("setting DAYBOOK_SUCCESS_STATES names no state")
    return Meaning(
        reporting_currency=currency,
        exchange_rates=Path(text(env, "DAYBOOK_EXCHANGE_RATES", str(REPOSITORY / "conf/exchange_rates.csv"))),
        max_gap=timedelta(hours=whole(env, "DAYBOOK_MAX_GAP_HOURS", 24, 1, 24)),
        attribution=timedelta(hours=whole(env, "DAYBOOK_ATTRIBUTION_HOURS", 24, 1, 24)),
        success_states=tuple(state.strip().upper() for state in states if state.strip()),
        id_namespace=_namespace(env),
    )


def _namespace(env: Mapping[str, str]) -> uuid.UUID | None:
    value = env.get("DAYBOOK_ID_NAMESPACE")
    if not value:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        raise UsageError(f"setting DAYBOOK_ID_NAMESPACE={value!r} is not a UUID") from None


@dataclass(frozen=True)
class Postgres:
    """Where PostgreSQL is and who reads it (libpq's own variables)."""

    host: str
    port: int
    database: str
    user: str
    password: str
    schema: str
    sslmode: str
    sslrootcert: str | None

    @property
    def where(self) -> str:
        """The server and the account, as an error names them."""
        return f"PostgreSQL {self.host}:{self.port}/{self.database} as {self.user}"


SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


def postgres(env: Mapping[str, str] = os.environ) -> Postgres:
    """PostgreSQL's settings.

    Raises:
        UsageError: one is missing or malformed.
    """
    return Postgres(
        host=text(env, "PGHOST"),
        port=whole(env, "PGPORT", 5432, 1, 65535),
        database=text(env, "PGDATABASE"),
        user=text(env, "PGUSER"),
        password=text(env, "PGPASSWORD"),
        schema=text(env, "PG_SCHEMA", "public"),
        sslmode=one_of(env, "PGSSLMODE", "prefer", SSL_MODES),
        sslrootcert=_file(env, "PGSSLROOTCERT"),
    )


@dataclass(frozen=True)
class Cassandra:
    """Where Cassandra is, who reads it and how carefully."""

    hosts: str
    port: int
    keyspace: str
    username: str
    password: str
    local_dc: str
    consistency: str
    truststore: str | None
    truststore_password: str | None

    @property
    def where(self) -> str:
        """The server, as an error names it."""
        return f"Cassandra {self.hosts}:{self.port}"


CONSISTENCIES = ("LOCAL_ONE", "ONE", "LOCAL_QUORUM", "QUORUM", "ALL")


def cassandra(env: Mapping[str, str] = os.environ) -> Cassandra:
    """Cassandra's settings.

    Raises:
        UsageError: one is missing or malformed.
    """
    return Cassandra(
        hosts=text(env, "CASSANDRA_HOSTS"),
        port=whole(env, "CASSANDRA_PORT", 9042, 1, 65535),
        keyspace=text(env, "CASSANDRA_KEYSPACE"),
        username=text(env, "CASSANDRA_USERNAME"),
        password=text(env, "CASSANDRA_PASSWORD"),
        local_dc=text(env, "CASSANDRA_LOCAL_DC", "datacenter1"),
        consistency=one_of(env, "CASSANDRA_CONSISTENCY", "LOCAL_QUORUM", CONSISTENCIES),
        truststore=_file(env, "CASSANDRA_SSL_TRUSTSTORE"),
        truststore_password=env.get("CASSANDRA_SSL_TRUSTSTORE_PASSWORD") or None,
    )


@dataclass(frozen=True)
class Lake:
    """Where the three layers and the object store are. The keys themselves stay in the environment."""

    bronze: str
    silver: str
    gold: str
    endpoint: str | None

    @property
    def where(self) -> str:
        """The server, as an error names it."""
        return object_store(self.endpoint)


def object_store(endpoint: str | None) -> str:
    """The object store, as an error names it."""
    return f"object store {endpoint or 'of AWS'}"


def lake(env: Mapping[str, str] = os.environ) -> Lake:
    """The lake's settings.

    Raises:
        UsageError: a key is missing, a layer is no `s3a://bucket[/prefix]`, or the endpoint no address.
    """
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        text(env, name)
    roots = {layer: text(env, f"DAYBOOK_{layer.upper()}", f"s3a://{layer}") for layer in ("bronze", "silver", "gold")}
    for layer, root in roots.items():
        if not re.fullmatch(r"s3a://[a-z0-9][a-z0-9.-]+(/[\w.-]+)*", root):
            raise UsageError(f"setting DAYBOOK_{layer.upper()}={root!r} is not s3a://bucket or s3a://bucket/prefix")
    endpoint = env.get("AWS_ENDPOINT_URL_S3") or None
    if endpoint and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", endpoint):
        raise UsageError(f"setting AWS_ENDPOINT_URL_S3={endpoint!r} is not http://host:port or https://host:port")
    return Lake(**roots, endpoint=endpoint)


def duckdb_path(env: Mapping[str, str] = os.environ) -> Path:
    """Where the warehouse file is."""
    return Path(text(env, "DUCKDB_PATH", "/tmp/duckdb/analytics.duckdb"))


def settle(env: Mapping[str, str] = os.environ) -> timedelta:
    """How long after a day's end an extraction waits for late writes."""
    return timedelta(minutes=whole(env, "DAYBOOK_SETTLE_MINUTES", 10, 0, 1440))
