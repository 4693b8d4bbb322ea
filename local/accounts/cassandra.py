"""Cassandra: the keyspace with its tables, and a role that may only read it."""

import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable, Session
from cassandra.policies import DCAwareRoundRobinPolicy

SCHEMA_FILE = Path(__file__).parents[1] / "schema.cql"
ETL = "daybook_etl"
FIRST_PASSWORD = "cassandra"  # what a new node gives its administrator; replaced below

logging.getLogger("cassandra").setLevel(logging.CRITICAL)  # the driver logs every failed attempt to connect


@contextmanager
def connect(settings: Mapping[str, str], password: str | None = None) -> Iterator[Session]:
    """Connect with the stack's settings, optionally with another password."""
    login = PlainTextAuthProvider(settings["CASSANDRA_USERNAME"], password or settings["CASSANDRA_PASSWORD"])
    policy = DCAwareRoundRobinPolicy(settings["CASSANDRA_LOCAL_DC"])
    cluster = Cluster(
        settings["CASSANDRA_HOSTS"].split(","),
        port=int(settings["CASSANDRA_PORT"]),
        auth_provider=login,
        execution_profiles={EXEC_PROFILE_DEFAULT: ExecutionProfile(policy, request_timeout=30)},
        schema_event_refresh_window=-1,
        connect_timeout=10,
    )
    try:
        yield cluster.connect()
    finally:
        cluster.shutdown()


def ready(admin: Mapping[str, str]) -> bool:
    """Whether the administrator can log in, with the stack's password or a new node's.

    A bare connection is tried first: the driver's own attempts are slow while the server starts.
    """
    try:
        socket.create_connection((admin["CASSANDRA_HOSTS"], int(admin["CASSANDRA_PORT"])), timeout=5).close()
    except OSError:
        return False
    return _logs_in(admin) or _logs_in(admin, FIRST_PASSWORD)


def _logs_in(admin: Mapping[str, str], password: str | None = None) -> bool:
    try:
        with connect(admin, password):
            return True
    except NoHostAvailable:
        return False


def create(admin: Mapping[str, str], etl_password: str) -> None:
    """Replace the well-known password; make keyspace, tables, role and grant where they are missing."""
    if not _logs_in(admin):
        with connect(admin, FIRST_PASSWORD) as session:
            session.execute(f"ALTER ROLE {admin['CASSANDRA_USERNAME']} WITH PASSWORD = '{admin['CASSANDRA_PASSWORD']}'")
    keyspace = admin["CASSANDRA_KEYSPACE"]
    with connect(admin) as session:
        session.execute(
            f"CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication ="
            " {'class': 'SimpleStrategy', 'replication_factor': 1}"
        )
        session.set_keyspace(keyspace)
        for statement in statements(SCHEMA_FILE.read_text()):
            session.execute(statement)
        session.execute(f"CREATE ROLE IF NOT EXISTS {ETL} WITH LOGIN = true")
        session.execute(f"ALTER ROLE {ETL} WITH PASSWORD = '{etl_password}'")
        session.execute(f"GRANT SELECT ON KEYSPACE {keyspace} TO {ETL}")


def statements(script: str) -> list[str]:
    """Split a CQL script at its semicolons, comments left out: the driver takes one statement at a time."""
    lines = (line for line in script.splitlines() if not line.lstrip().startswith("--"))
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]
