"""Every setting that is declared: empty means unset, and `~` in a path is a home."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dags.daybook_tasks import message, pods, timing
from dags.daybook_tasks import places as of_the_dag
from daybook import settings
from daybook.errors import UsageError
from daybook.lake.store import Store
from daybook.settings import one_client
from local.demo.chosen import first_day
from local.servers import cassandra
from toolchain import places as toolchain
from toolchain import stores
from toolchain.report import LocalError

# All that is declared, and what is looked at only to be refused.
NAMES = sorted({*settings.DECLARED, *one_client.POSTGRES, *one_client.STORE, one_client.ENDPOINT})
# Values of what has no form, or one of its own.
OTHERS = {
    "DAYBOOK_REPORTING_CURRENCY": "USD",
    "DAYBOOK_CPU_HOUR_PRICE": "0.05 EUR",
    "AWS_ENDPOINT_URL_S3": "http://store:9000",
    "DAYBOOK_LOCAL_STORE": "seaweedfs",
    **{f"DAYBOOK_{layer.upper()}": "s3a://other" for layer in settings.LAYERS},
}
# Read by tasks, by the loader's in another environment, or by AWS's tools where there are no keys.
SILENT = (
    "DAYBOOK_LOADER_AWS_ACCESS_KEY_ID", "DAYBOOK_LOADER_AWS_SECRET_ACCESS_KEY", "DAYBOOK_CONNECTIONS",
    "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
)  # fmt: skip
# Of these the tools of AWS find a profile or a file named ""; a job takes it from their environment first.
OF_AWS = ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE")
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
GIVEN = {
    **{"PGHOST": "h", "PGDATABASE": "d", "PGUSER": "u", "PGPASSWORD": "p"},
    **{"CASSANDRA_HOSTS": "h", "CASSANDRA_KEYSPACE": "k", "CASSANDRA_USERNAME": "u", "CASSANDRA_PASSWORD": "p"},
    **KEYS,
}


def of_store() -> tuple[str, ...]:
    """Region, kind of credentials and keys, as boto3 has them."""
    store = Store(None, "test")
    return store._s3.meta.region_name, store._found.method, *store._found.get_frozen_credentials()


def of_files() -> dict[str, str]:
    """What the environment is once secrets are taken from their files."""
    settings.take_from_files(env := dict(os.environ))
    return {name: value for name, value in env.items() if value and settings.DECLARED.get(name, NO_SECRET).secret}


NO_SECRET = settings.DECLARED["PGPORT"]
READERS: dict[str, Callable[[], Any]] = {
    "secrets of files": of_files,
    "demonstration": lambda: first_day(os.environ),
    "local store": lambda: stores.chosen(Path(os.environ["HOME"])),
    "postgres": settings.postgres,
    "cassandra": settings.cassandra,
    "lake": settings.lake,
    "meaning": settings.meaning,
    "bounds": settings.bounds,
    "settle": settings.settle,
    "page_due": settings.page_due,
    "cpu_price": settings.cpu_price,
    "duckdb_path": settings.duckdb_path,
    "remembered": settings.remembered,
    "stops_at_limits": settings.stops_at_limits,
    "log_form": settings.log_form,
    "metrics_file": lambda: settings.metrics_file(os.environ),
    "event_log": lambda: settings.event_log(os.environ),
    "store": of_store,
    "gold of the DAG": of_the_dag.gold,
    "warehouse of the DAG": of_the_dag.warehouse,
    "Spark of the DAG": of_the_dag.spark_environment,
    "DuckDB of the DAG": lambda: of_the_dag.python_environment("duckdb"),
    "page of the DAG": lambda: of_the_dag.python_environment("page"),
    "waits": timing.of_an_extraction,
    "retries": timing.before_a_retry,
    "first day": timing.first_day,
    "night's message": message.settings,
    "claim of the DAG": lambda: bool(pods.with_warehouse()),
    "CAs of the store": settings.ca_bundle,
    "local state": toolchain.state_home,
    "local environments": lambda: toolchain.environment("spark"),
    "local Cassandra": cassandra.heap,
}


def read() -> dict[str, Any]:
    """What each reader makes of the environment: a value, or that a setting is missing."""
    found = {}
    for name, reader in READERS.items():
        try:
            found[name] = reader()
        except (UsageError, LocalError) as error:
            found[name] = str(error)
    return found


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing but what has no default, and a home without files of AWS's tools."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "CASSANDRA_", "DAYBOOK_", "DUCKDB_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in {**GIVEN, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_that_is_empty_is_one_that_is_unset(name: str, env: pytest.MonkeyPatch) -> None:
    env.delenv(name, raising=False)
    unset = read()
    env.setenv(name, "")
    if name in OF_AWS:
        settings.without_empty(os.environ)
    assert read() == unset
    settings.without_empty(os.environ)
    assert name not in os.environ, "what others read in a job's environment is told the same"


@pytest.mark.parametrize("name", sorted({*settings.DECLARED} - {*SILENT}))
def test_the_readers_see_each_setting_that_is_declared(name: str, env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Else the test above would compare nothing."""
    setting, unset = settings.DECLARED[name], read()
    (tmp_path / "file").touch()
    of_kind = {
        "file": str(tmp_path / "file"), "path": str(tmp_path / "path"), "uuid": str(UUID(int=7)), "day": "2025-03-01",
        "words": "A,B", "choice": [*setting.choices, "other"][-2:][0], "whole": str(setting.low + 3), "hours": "2",
    }  # fmt: skip
    env.setenv(name, OTHERS.get(name) or of_kind.get(setting.kind, "other"))
    if setting.kind == "file" and name.startswith("PG"):
        env.setenv("PGSSLMODE", "verify-full")
    assert read() != unset


def test_without_what_is_empty_the_tools_of_aws_look_for_no_profile_named_so(env: pytest.MonkeyPatch) -> None:
    env.setenv("AWS_PROFILE", "")
    with pytest.raises(UsageError, match="profile"):
        Store(None, "test")
    settings.without_empty(os.environ)
    assert Store(None, "test")._found.method == "env"


PATHS = {
    "DUCKDB_PATH": ("duckdb_path", "warehouse of the DAG"),
    "DAYBOOK_METRICS_FILE": ("metrics_file",),
    "DAYBOOK_EVENT_LOG": ("event_log",),
    "DAYBOOK_SPARK_ENV": ("Spark of the DAG",),
    "DAYBOOK_DUCKDB_ENV": ("DuckDB of the DAG",),
    "DAYBOOK_PAGE_ENV": ("page of the DAG",),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_path_in_a_home_is_there_and_in_no_folder_of_that_name(
    name: str, env: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env.setenv(name, "~/x")
    found = read()
    assert {reader: str(found[reader]) for reader in PATHS[name]} == dict.fromkeys(PATHS[name], str(tmp_path / "x"))


def test_a_file_that_is_only_read_may_be_in_a_home(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    for name in ("DAYBOOK_EXCHANGE_RATES", "PGSSLROOTCERT", "CASSANDRA_SSL_TRUSTSTORE"):
        env.setenv(name, "~/x")
    env.setenv("PGSSLMODE", "verify-full")
    assert settings.meaning().exchange_rates == tmp_path / "x"
    assert settings.postgres().sslrootcert == settings.cassandra().truststore == str(tmp_path / "x")
    env.setenv("DAYBOOK_METRICS_FILE", str(tmp_path / "x"))
    with pytest.raises(UsageError, match="DAYBOOK_METRICS_FILE"):
        settings.lake()  # a file that is written is one that is read, however each is spelled


@pytest.mark.parametrize(
    "name", ["DUCKDB_PATH", "DAYBOOK_METRICS_FILE", "DAYBOOK_EVENT_LOG", "DAYBOOK_EXCHANGE_RATES", "PGSSLROOTCERT"]
)
def test_a_path_in_the_home_of_nobody_is_refused(name: str, env: pytest.MonkeyPatch) -> None:
    env.setenv(name, "~nobody-of-that-name/x")
    told = f"setting {name}='~nobody-of-that-name/x': there is no such home"
    assert told in read().values()


@pytest.mark.parametrize("value", ["soon", "2025-02-30", "2025-03-01 12:00", " "])
def test_a_first_day_that_is_no_day_lets_the_dag_be_and_catches_nothing_up(
    value: str, env: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    env.setenv("DAYBOOK_FIRST_DAY", value)
    assert timing.first_day() is None
    assert caplog.messages == [f"DAYBOOK_FIRST_DAY={value!r} is not a day YYYY-MM-DD: nothing is caught up"]
    with pytest.raises(UsageError, match="setting DAYBOOK_FIRST_DAY="):
        settings.remembered()


def test_a_malformed_delay_of_retries_lets_the_dag_be(env: pytest.MonkeyPatch) -> None:
    env.setenv("DAYBOOK_RETRY_SECONDS", "two minutes")
    assert timing.before_a_retry().total_seconds() == 120
