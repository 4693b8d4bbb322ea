"""TLS to all three servers: what a certificate of the server's or of the client's leads to, by exit code and line."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.accounts import cassandra as cql
from local.accounts import postgres as sql
from local.servers import postgres
from tests.kit import authority
from tests.kit.authority import CLIENT, PASSWORD
from tests.kit.harness import Daybook, Driver, until
from tests.kit.sources import CASSANDRA_SCRIPT, refused, succeeds
from tests.kit.tls_servers import ROOT, TlsCassandra, tls_cassandra, tls_store

DAY = ("--ds", "2025-03-01")
FILES = ("ssl_cert_file", "ssl_key_file", "ssl_ca_file")
SHOWN = """
SELECT CASE WHEN ssl THEN current_setting('ssl_cert_file') ELSE '' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def data(daybook: Daybook) -> Iterator[Path]:
    """The folder of the run's PostgreSQL, which asks `certified` for a certificate, and no password, until the end."""
    data = postgres.folder(daybook.stack.home) / "data"
    rules = data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"hostssl all {CLIENT} 127.0.0.1/32 cert\n{before}")
    change(daybook, f"CREATE ROLE {CLIENT} LOGIN IN ROLE {sql.ETL}")
    yield data
    rules.write_text(before)
    change(daybook, f"DROP ROLE {CLIENT}", *(f"ALTER SYSTEM RESET {name}" for name in ("ssl", *FILES)))
    until(lambda: not shown(daybook), "PostgreSQL speaks no TLS")


def change(daybook: Daybook, *statements: str) -> None:
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        for statement in statements:
            run.execute(statement)
        run.execute("SELECT pg_reload_conf()")


def shown(daybook: Daybook) -> str:
    """The file of the certificate that a new session is shown; nothing without TLS."""
    admin = daybook.stack.settings("admin") | {"PGSSLMODE": "prefer"}
    with closing(sql.connect(admin)) as server, server.cursor() as run:
        run.execute(SHOWN)
        return str((run.fetchone() or ("",))[0])


def show(daybook: Daybook, data: Path, certificates: Path, server: str) -> None:
    """Let PostgreSQL show this certificate from now on, and trust clients of the CA."""
    files = dict(zip(FILES, (f"{server}.crt", f"{server}.key", "ca.crt"), strict=True))
    for file in files.values():
        (data / file).write_bytes((certificates / file).read_bytes())
        (data / file).chmod(0o600)
        if user := postgres.identity().get("user"):
            shutil.chown(data / file, user)
    change(daybook, *(f"ALTER SYSTEM SET {each}" for each in ("ssl = on", *(f"{k} = '{v}'" for k, v in files.items()))))
    until(lambda: shown(daybook) == files["ssl_cert_file"], "PostgreSQL shows the certificate")


OF_SERVER = "correct PGSSLROOTCERT or PGSSLMODE, or the server's certificate"
OF_CLIENT = "name a certificate that the server trusts by PGSSLCERT, and its key by PGSSLKEY"
NO_MATCH = 'server certificate for "elsewhere.example" (and 1 other name) does not match host name "127.0.0.1"'


@pytest.mark.parametrize(
    ("server", "client", "reason", "then"),
    [
        ("server", "client", "", ""),
        ("self_signed", "client", "SSL error: certificate verify failed", OF_SERVER),
        ("expired", "client", "SSL error: certificate verify failed", OF_SERVER),
        ("elsewhere", "client", NO_MATCH, OF_SERVER),
        ("server", "stranger", "SSL error: tlsv1 alert unknown ca", OF_CLIENT),
        ("server", None, "FATAL:  connection requires a valid client certificate", OF_CLIENT),
    ],
)
def test_postgresql_is_read_by_the_right_certificates_and_by_no_others(
    daybook: Daybook,
    driver: Driver,
    data: Path,
    certificates: Path,
    server: str,
    client: str | None,
    reason: str,
    then: str,
) -> None:
    show(daybook, data, certificates, server)
    settings = {"PGUSER": CLIENT, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(certificates / "ca.pem")}
    if client:  # and no password
        own = {"PGSSLCERT": f"{client}.crt", "PGSSLKEY": f"{client}.pk8"}
        settings |= {"PGPASSWORD": ""} | {name: str(certificates / file) for name, file in own.items()}
    ended = driver.run("extract_postgres", *DAY, **daybook.own_lake(f"tls_{server}_{client}"), **settings)
    if reason:
        where = daybook.postgres_address.rpartition(" as ")[0]
        refused(ended, 2, f"{where} as {CLIENT}: {reason} -- next: {then}")
    else:
        succeeds(ended)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[TlsCassandra]:
    with tls_cassandra(tmp_path_factory.mktemp("tls_cassandra"), certificates) as node:
        with node.cluster() as cluster:
            session = cluster.connect()
            session.execute(
                "CREATE KEYSPACE tls WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
            )
            session.set_keyspace("tls")
            for statement in cql.statements(CASSANDRA_SCRIPT):
                session.execute(statement)
        yield node


CERTIFICATES = "correct CASSANDRA_SSL_TRUSTSTORE, or CASSANDRA_SSL_KEYSTORE if the nodes ask for a certificate"


@pytest.mark.parametrize(
    ("server", "client", "reason", "then"),
    [
        ("server", "client", "", ""),
        ("self_signed", "client", "TLS failed; 3 more failed", CERTIFICATES),
        ("expired", "client", "TLS failed; 3 more failed", CERTIFICATES),
        ("elsewhere", "client", "", ""),  # the connector checks no names
        ("server", "stranger", "TLS failed; 3 more failed", CERTIFICATES),
        ("server", None, "TLS failed; 3 more failed", CERTIFICATES),
        ("server", "ca.pem", "truststore {truststore} or keystore {keystore} cannot be read; 3 more failed",
         "correct CASSANDRA_SSL_TRUSTSTORE, CASSANDRA_SSL_KEYSTORE or their passwords"),
    ],
)  # fmt: skip
def test_cassandra_is_read_by_the_right_certificates_and_by_no_others(
    daybook: Daybook,
    driver: Driver,
    node: TlsCassandra,
    certificates: Path,
    tmp_path: Path,
    server: str,
    client: str | None,
    reason: str,
    then: str,
) -> None:
    node.shows(server)
    # A truststore of each test's own: the driver of the run keeps a session for each set of settings.
    trusted = str(shutil.copy(certificates / "ca.jks", tmp_path))
    own = certificates / (f"{client}.p12" if client != "ca.pem" else "ca.pem")
    settings = {
        "CASSANDRA_PORT": str(node.port), "CASSANDRA_KEYSPACE": "tls", "CASSANDRA_USERNAME": "cassandra",
        "CASSANDRA_PASSWORD": "cassandra", "CASSANDRA_SSL_TRUSTSTORE": trusted,
        "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": PASSWORD,
    }  # fmt: skip
    if client:
        settings |= {"CASSANDRA_SSL_KEYSTORE": str(own), "CASSANDRA_SSL_KEYSTORE_PASSWORD": PASSWORD}
    ended = driver.run("extract_cassandra", *DAY, **daybook.own_lake(f"tls_{server}_{client}"), **settings)
    if reason:
        line = reason.format(truststore=trusted, keystore=own)
        refused(ended, 2, f"Cassandra 127.0.0.1:{node.port}: {line} -- next: {then}")
    else:
        succeeds(ended)


TRUST = "name the CA that signed the store's certificate by AWS_CA_BUNDLE, or ask for another certificate"
BUCKET = "make the bucket, or name another by DAYBOOK_BRONZE, DAYBOOK_SILVER or DAYBOOK_GOLD"


@pytest.mark.parametrize(
    ("server", "reason", "then"),
    [
        ("server", "s3a://gold/global_user_activity_per_day/2025-02-27/_MANIFEST.json: NoSuchBucket", BUCKET),
        ("self_signed", "boto3 does not trust the store's certificate: self-signed certificate", TRUST),
        ("expired", "boto3 does not trust the store's certificate: certificate has expired", TRUST),
        ("elsewhere", "boto3 does not trust the store's certificate: it is another host's", TRUST),
    ],
)
def test_the_store_is_asked_by_the_right_certificate_and_by_no_others(
    daybook: Daybook, certificates: Path, tmp_path: Path, server: str, reason: str, then: str
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": ROOT, "AWS_SECRET_ACCESS_KEY": ROOT, "AWS_CA_BUNDLE": str(certificates / "ca.pem")}
    with tls_store(tmp_path, certificates, server) as address:
        ended = daybook.load(*DAY, AWS_ENDPOINT_URL_S3=address, **keys)
    refused(ended, 2, f"object store {address}: {reason} -- next: {then}")
