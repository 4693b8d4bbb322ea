"""All checks, in the order in which one stands on the other; what stands on something wrong is not looked at."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from pyspark.sql import SparkSession

from daybook import settings
from daybook.checks import airflow, cassandra, executor, own, postgres, report, store
from daybook.checks.looking import SECONDS, Check, Finding, looked
from daybook.errors import WHEN_UP, DaybookError, RetryableError
from daybook.lake import credentials
from daybook.lake.agent import agent
from daybook.lake.store import Store
from daybook.settings import Cassandra, LakePlaces, Postgres
from daybook.spark import session
from daybook.spark.progress import java

Read = TypeVar("Read")


class Servers(NamedTuple):
    """What the settings name, of each as far as they can be read."""

    postgres: Postgres | None
    cassandra: Cassandra | None
    places: LakePlaces | None

    @classmethod
    def named(cls) -> "Servers":
        """Read them; why one cannot be read, another check says."""
        return cls(_read(settings.postgres), _read(settings.cassandra), _read(settings.lake))

    def reached(self, findings: Sequence[Finding]) -> "Servers":
        """Those of which nothing that was looked at is wrong."""
        wrong = {finding.name.partition(",")[0] for finding in findings if finding.wrong}
        kept = (None if name in wrong else server for name, server in zip(_NAMES, self, strict=True))
        return Servers(*kept)  # type: ignore[arg-type]


_NAMES = ("PostgreSQL", "Cassandra", "object store")


def preflight(file: Path | None) -> int:
    """Look at everything and say it line by line; return the exit code of the worst."""
    findings: list[Finding] = []
    spark_settings: dict[str, str] = {}
    for finding in _all(spark_settings):
        findings.append(finding)
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
    wrong = [finding for finding in findings if finding.wrong]
    sys.stdout.write(f"{len(findings)} checks, {len(wrong)} of them wrong\n")
    if file:
        report.write(file, findings, os.environ, spark_settings)
        sys.stdout.write(f"report: {file.absolute()}\n")
    return max((finding.exit_code for finding in wrong), default=0)


def _all(spark_settings: dict[str, str]) -> Iterator[Finding]:
    yield from looked(list(own.of_settings()))
    named = Servers.named()
    answers = list(looked(list(_reach(named))))
    yield from answers
    servers = named.reached(answers)
    if servers.places is None:
        return
    opened = list(looked([Check("object store, keys", lambda: _keys(servers.places))]))
    yield from opened
    if opened[0].wrong:
        return
    try:
        with _session(servers.places) as (spark, lake):
            spark_settings |= _redacted(spark)
            logins = list(looked(list(_logins(servers, spark)), 2 * SECONDS))  # the drivers' first words take longer
            yield from logins
            servers = servers.reached(logins)
            yield from looked(list(_driver(servers, spark, lake)), 2 * SECONDS)
            yield from looked(list(_others(servers, spark, lake)), executor.SECONDS)
    except DaybookError as error:
        yield Finding("Spark", str(error), error)


def _read(reader: Callable[[], Read]) -> Read | None:
    try:
        return reader()
    except DaybookError:
        return None


def _reach(servers: Servers) -> Iterator[Check]:
    """Whether somebody listens at each address: before a driver with patience of its own is asked."""
    if servers.postgres:
        address = (servers.postgres.host, servers.postgres.port)
        yield Check("PostgreSQL", lambda: _listens([address]))
    if servers.cassandra:
        port = servers.cassandra.port
        nodes = [(host.strip(), port) for host in servers.cassandra.hosts.split(",")]
        yield Check("Cassandra", lambda: _listens(nodes))
    if servers.places and servers.places.endpoint:
        url = urlsplit(servers.places.endpoint)
        there = (url.hostname or "", url.port or (443 if url.scheme == "https" else 80))
        yield Check("object store", lambda: _listens([there]))


def _listens(addresses: Sequence[tuple[str, int]]) -> str:
    failed = []
    for host, port in addresses:
        try:
            create_connection((host, port), SECONDS).close()
        except OSError as error:
            failed.append(f"{host}:{port} ({error.strerror or 'no answer'})")
    if len(failed) == len(addresses):
        raise RetryableError(f"not reached: {', '.join(failed)}", then=WHEN_UP)
    away = f"; not reached: {', '.join(failed)}" if failed else ""
    return f"{', '.join(f'{host}:{port}' for host, port in addresses)} answers{away}"


def _keys(places: LakePlaces | None) -> str:
    assert places
    return store.reached(Store(places.endpoint, _agent(places)), places)


def _agent(places: LakePlaces) -> str:
    return agent("check", (), (places.bronze, places.silver, places.gold))


@contextmanager
def _session(places: LakePlaces) -> Iterator[tuple[SparkSession, Store]]:
    name = _agent(places)
    lake = Store(places.endpoint, name)
    with session.session("daybook check", name) as the_session, credentials.lent(lake):
        yield the_session(), lake


def _logins(servers: Servers, spark: SparkSession) -> Iterator[Check]:
    """Whether the accounts are let in."""
    if servers.postgres:
        of_postgres = servers.postgres
        yield Check("PostgreSQL, login", lambda: postgres.reached(of_postgres))
    if servers.cassandra:
        of_cassandra = servers.cassandra
        yield Check("Cassandra, login and clock", lambda: cassandra.reached(of_cassandra, spark))


def _driver(servers: Servers, spark: SparkSession, lake: Store) -> Iterator[Check]:
    """What the driver sees."""
    yield from own.of_machine(java(spark))
    if servers.postgres:
        yield from postgres.checks(servers.postgres, spark)
    if servers.cassandra:
        yield from cassandra.checks(servers.cassandra, spark)
    if servers.places:
        yield from store.checks(lake, servers.places)


def _others(servers: Servers, spark: SparkSession, lake: Store) -> Iterator[Check]:
    """What executors reach, and what Airflow has: each may take long to start."""
    if servers.places:
        yield from executor.checks(spark, lake, servers.places, servers.postgres, servers.cassandra)
    yield from airflow.checks(os.environ)


def _redacted(spark: SparkSession) -> dict[str, str]:
    conf = spark.sparkContext.getConf()
    hidden = re.compile(conf.get("spark.redaction.regex") or "")
    return {name: "********" if hidden.search(name) else value for name, value in conf.getAll()}
