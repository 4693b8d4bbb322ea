"""Accounts that Airflow keeps as connections: for the environment of a task's own process, never an argument of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    BaseHook,
    Context,
)

STORE, STORE_OF_LOADER = "daybook_store", "daybook_store_loader"
_LOADER = "DAYBOOK_LOADER_"
# What of a connection becomes which setting.
_KEYS = {"login": "AWS_ACCESS_KEY_ID", "password": "AWS_SECRET_ACCESS_KEY"}
_SETTINGS = {
    "daybook_postgres": {
        "host": "PGHOST", "port": "PGPORT", "schema": "PGDATABASE", "login": "PGUSER", "password": "PGPASSWORD",
    },
    "daybook_cassandra": {
        "host": "CASSANDRA_HOSTS", "port": "CASSANDRA_PORT", "schema": "CASSANDRA_KEYSPACE",
        "login": "CASSANDRA_USERNAME", "password": "CASSANDRA_PASSWORD",
    },
    STORE: _KEYS,
    STORE_OF_LOADER: {field: f"{_LOADER}{name}" for field, name in _KEYS.items()},
}  # fmt: skip
_IN_EXTRA = ("PG", "CASSANDRA_", "AWS_")
_put: dict[str, str] = {}  # by an earlier task of this process, where tasks share one (`airflow dags test`)
_FILES = {"PGPASSWORD": ("PGPASSWORD_FILE", "PGPASSFILE")}


def of_job(job: str) -> tuple[str, ...]:
    """The ids of the connections that a job may use: a source's for its extraction, the store's for all."""
    source = job.replace("extract_", "daybook_")
    return (*([source] if source in _SETTINGS else []), STORE, *([STORE_OF_LOADER] if job == "load_duckdb" else []))


def settings(ids: tuple[str, ...]) -> dict[str, str]:
    """What those of the connections say that DAYBOOK_CONNECTIONS names, as settings.

    Raises:
        AirflowException: one does not exist, or whoever keeps it does not answer: Airflow tells them apart no more.
        AirflowFailException: the environment says one of them, too; an extra is no setting.
    """
    wanted = (os.environ.get("DAYBOOK_CONNECTIONS") or "").split(",")
    found: dict[str, str] = {}
    for each in ids:
        for name, value in _of(each) if each in wanted else ():
            names = (name, *_FILES.get(name, (f"{name}_FILE",)))
            there = next((given for given in names if os.environ.get(given) not in ("", None, _put.get(given))), None)
            if there:
                raise AirflowFailException(
                    f"failed (exit 2): setting {there} is in the environment, and connection {each!r} gives {name}, too"
                    f" -- next: unset {there}, or take it out of the connection"
                )
            found[name] = value
    return found


@contextmanager
def given(job: str) -> Iterator[None]:
    """What the job's connections say is in this process's environment until the block ends."""
    found = settings(of_job(job))
    os.environ.update(found)
    try:
        yield
    finally:
        for name in found:
            del os.environ[name]


def before(job: str) -> Callable[[Context], None]:
    """Put what the job's connections say into the environment of a task's process, which ends with the task."""

    def put(context: Context) -> None:
        found = settings(of_job(job))
        os.environ.update(found)
        _put.update(found)

    return put


def _of(connection: str) -> Iterator[tuple[str, str]]:
    try:
        found = BaseHook.get_connection(connection)
    except AirflowNotFoundException:
        raise AirflowException(
            f"failed (exit 1): DAYBOOK_CONNECTIONS names connection {connection!r}, which cannot be had -- next: define"
            " it, or see that the secrets backend answers"
        ) from None
    for field, name in _SETTINGS[connection].items():
        if value := getattr(found, field):
            yield name, str(value)
    prefix = _LOADER if connection == STORE_OF_LOADER else ""
    for name, value in found.extra_dejson.items():
        if not name.startswith(_IN_EXTRA):
            raise AirflowFailException(
                f"failed (exit 2): extra {name!r} of connection {connection!r} is no setting -- next: write it under its"
                " setting's name, such as PGSSLMODE, or take it out"
            )
        yield prefix + name, str(value)
