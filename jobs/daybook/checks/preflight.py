"""All checks, in the order in which one stands on the other; what stands on something wrong is not looked at."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from socket import create_connection
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

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
        return Servers(
            None if "PostgreSQL" in wrong else self.postgres,
            None if "Cassandra" in wrong else self.cassandra,
            None if "object store" in wrong else self.places,
        )


_PATIENCE = SECONDS - 0.5  # of one address, so that the look at all of them ends in time


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
            logins = list(looked(list(_logins(servers, spark)), 5 * SECONDS))  # the drivers' first words take longer
            yield from logins
            servers = servers.reached(logins)
            probes = store.Probes()
            try:
                yield from looked(list(_driver(servers, spark, lake, probes)), 5 * SECONDS)
                yield from looked(list(_others(servers, spark, lake, probes)), executor.SECONDS)
            finally:  # also of looks that were left behind
                with suppress(DaybookError):
                    lake.delete(probes.left)
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
    url = urlsplit(servers.places.endpoint or "") if servers.places else urlsplit("")
    if url.scheme and url.scheme not in getproxies_environment():  # by a proxy it need not be reached
        there = (url.hostname or "", url.port or (443 if url.scheme == "https" else 80))
        yield Check("object store", lambda: _listens([there]))


def _listens(addresses: Sequence[tuple[str, int]]) -> str:
    """See that somebody listens at one of them; all are tried at once."""
    found = list(looked([Check(f"{host}:{port}", partial(_open, host, port)) for host, port in addresses], _PATIENCE))
    away = [f"{each.name} ({each.words})" for each in found if each.wrong]
    if len(away) == len(addresses):
        raise RetryableError(f"not reached: {', '.join(away)}", then=WHEN_UP)
    answers = ", ".join(each.name for each in found if not each.wrong)
    return f"{answers} answers" + (f"; not reached: {', '.join(away)}" if away else "")


def _open(host: str, port: int) -> str:
    try:
        create_connection((host, port), _PATIENCE).close()
    except OSError as error:
        raise RetryableError(error.strerror or "no answer") from error
    return "answers"


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


def _driver(servers: Servers, spark: SparkSession, lake: Store, probes: store.Probes) -> Iterator[Check]:
    """What the driver sees."""
    yield from own.of_machine(java(spark))
    if servers.postgres:
        yield from postgres.checks(servers.postgres, spark)
    if servers.cassandra:
        yield from cassandra.checks(servers.cassandra, spark)
    if servers.places:
        yield from store.checks(lake, servers.places, probes)


def _others(servers: Servers, spark: SparkSession, lake: Store, probes: store.Probes) -> Iterator[Check]:
    """What executors reach, and what Airflow has: each may take long to start."""
    if servers.places:
        yield from executor.checks(spark, lake, servers.places, probes, servers.postgres, servers.cassandra)
    yield from airflow.checks(os.environ)


def _redacted(spark: SparkSession) -> dict[str, str]:
    conf = spark.sparkContext.getConf()
    hidden = re.compile(conf.get("spark.redaction.regex") or "")
    return {name: "********" if hidden.search(name) or hidden.search(value) else value for name, value in conf.getAll()}
