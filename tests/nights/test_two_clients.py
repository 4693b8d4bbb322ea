"""One object store, two clients: what leads boto3 to it leads S3A there, or is refused; so PostgreSQL's two."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from daybook.lake import manifest
from daybook.settings import one_client
from tests.kit import store_proxy
from tests.kit.authority import authority, truststore
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import refused, succeeds

KIT = Path(store_proxy.__file__).parent
BOTH = {"boto3", "S3A"}


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A private CA, and the certificate that it gave the store, with its key."""
    return authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def asking(daybook: Daybook, **env: str) -> Iterator[Driver]:
    """A driver in whose JVM these settings are, for jobs of the kit."""
    with daybook.driver(**env) as up:
        yield replace(up, jobs=KIT)


THEN = "name the CA that signed the store's certificate by AWS_CA_BUNDLE, or ask for another certificate"


def test_a_private_ca_that_aws_ca_bundle_names_is_trusted_by_both_clients(
    daybook: Daybook, private: dict[str, Path]
) -> None:
    with store_proxy.way(daybook.lake.endpoint, "pass", tls=private["server"]) as there:
        env = {"AWS_ENDPOINT_URL_S3": there.address, "AWS_CA_BUNDLE": str(private["ca"])}
        with asking(daybook, **env) as up:
            ended = up.run("ask_store")
            assert ended.code == 0 and there.clients == BOTH, ended.output
            there.clients.clear()
            ended = up.run("ask_store", AWS_CA_BUNDLE="")
    assert ended.code == 2 and there.clients == set(), ended.output
    why = "boto3 does not trust the store's certificate: unable to get local issuer certificate"
    assert ended.last_line == f"failed (exit 2): object store {there.address}: {why} -- next: {THEN}"


def test_a_truststore_that_java_was_given_counts_for_s3a_and_what_it_lacks_is_told(
    daybook: Daybook, private: dict[str, Path]
) -> None:
    cacerts = Path(daybook.stack.settings("etl")["JAVA_HOME"]) / "lib/security/cacerts"
    with store_proxy.way(daybook.lake.endpoint, "pass", tls=private["server"]) as there:
        env = {"AWS_ENDPOINT_URL_S3": there.address, "AWS_CA_BUNDLE": str(private["ca"])}
        with asking(daybook, **env, SPARK_SUBMIT_OPTS=f"-Djavax.net.ssl.trustStore={cacerts}") as up:
            ended = up.run("ask_store")
    assert ended.code == 2 and there.clients == {"boto3"}, ended.output
    why = "s3a://gold: S3A does not trust the store's certificate"
    assert ended.last_line == f"failed (exit 2): object store {there.address}: {why} -- next: {THEN}"


def test_executors_elsewhere_need_a_truststore_of_their_own_and_with_it_reach_the_store(
    daybook: Daybook, driver: Driver, private: dict[str, Path]
) -> None:
    lake, silver = daybook.own_lake("truststore"), ("silver", "--ds", "2025-03-01", "--table", "groups")
    succeeds(driver.run("extract_postgres", "--ds", "2025-03-01", **lake))
    options = ("--conf", "spark.master=local-cluster[1,1,1024]")
    with store_proxy.way(daybook.lake.endpoint, "pass", tls=private["server"]) as there:
        env = lake | {"AWS_ENDPOINT_URL_S3": there.address, "AWS_CA_BUNDLE": str(private["ca"])}
        ended = replace(daybook, options=options).submit(*silver, **env)
        option = "-Djavax.net.ssl.trustStore=… in spark.executor.extraJavaOptions"
        then = f"give the executors' Java a truststore with the CA: {option}"
        refused(ended, 2, f"setting AWS_CA_BUNDLE is not read by S3A on executors -- next: {then}")
        java = option.partition(" in ")[0].replace("…", str(truststore(private["ca"])))
        given = (*options, "--conf", f"spark.executor.extraJavaOptions=-Duser.timezone=UTC {java}")
        succeeds(replace(daybook, options=given).submit(*silver, **env))
    made = manifest.read(daybook.store, daybook.batch("silver", "groups", date(2025, 3, 1), **lake))
    assert made and made.manifest.tables["groups"].rows > 0


@pytest.mark.parametrize(("name", "through"), [("HTTP_PROXY", BOTH), ("HTTPS_PROXY", set()), ("http_proxy", BOTH)])
def test_a_proxy_is_used_by_both_clients_or_by_none(daybook: Daybook, name: str, through: set[str]) -> None:
    with store_proxy.way(daybook.lake.endpoint, "pass") as proxy, asking(daybook, **{name: proxy.address}) as up:
        ended = up.run("ask_store")
    assert ended.code == 0 and proxy.clients == through, ended.output


ONE_ONLY = [
    *(("ask_store", "the object store", name, *rest) for name, rest in one_client.STORE.items()),
    ("ask_store", "the object store", "AWS_ENDPOINT_URL", "boto3", "AWS_ENDPOINT_URL_S3"),
    *(("extract_postgres", "PostgreSQL", name, "libpq", instead) for name, instead in one_client.POSTGRES.items()),
]


@pytest.mark.parametrize(("job", "server", "name", "client", "instead"), ONE_ONLY, ids=[row[2] for row in ONE_ONLY])
def test_what_one_client_alone_would_read_is_refused_by_name(
    daybook: Daybook, driver: Driver, job: str, server: str, name: str, client: str, instead: str
) -> None:
    kit = replace(driver, jobs=KIT) if job == "ask_store" else driver
    without = {"AWS_ENDPOINT_URL_S3": ""} if name == "AWS_ENDPOINT_URL" else {}
    arguments = () if job == "ask_store" else ("--ds", "2025-01-01")
    ended = kit.run(job, *arguments, **{name: "x"}, **without)
    line = f"setting {name} is understood by one client of {server} only: {client}"
    assert ended.code == 2, ended.output
    assert ended.last_line == f"failed (exit 2): {line} -- next: unset {name}; for both there is {instead}"


@pytest.mark.parametrize("spared", [".0.0.1", "*.0.0.1"])
def test_a_no_proxy_that_only_one_client_would_follow_is_refused(driver: Driver, spared: str) -> None:
    kit, proxy = replace(driver, jobs=KIT), {"HTTP_PROXY": "http://127.0.0.1:1"}
    ended = kit.run("ask_store", **proxy, NO_PROXY=spared)
    assert ended.code == 2, ended.output
    told = "setting NO_PROXY is read by boto3 in one way and by S3A in another: one of them asks a proxy for 127.0.0.1"
    then = "name 127.0.0.1 itself in NO_PROXY, or both .domain and *.domain, without blanks"
    assert ended.last_line == f"failed (exit 2): {told} -- next: {then}"
    assert kit.run("ask_store", **proxy, NO_PROXY="127.0.0.1").code == 0
    assert kit.run("ask_store", **proxy, NO_PROXY=".0.0.1,*.0.0.1").code == 0
