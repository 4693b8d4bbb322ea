"""Servers that speak TLS with a certificate that can be exchanged: a Cassandra and a MinIO of their own."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, NoHostAvailable

from local.servers import cassandra, minio
from local.servers.ports import HOST, choose
from local.servers.process import Process
from tests.kit.authority import PASSWORD, truststore
from tests.kit.harness import ONE_COMPILER
from toolchain import setup, stores

_TLS = """
client_encryption_options:
  enabled: true
  optional: false
  keystore: {keystore}
  keystore_password: {password}
  require_client_auth: true
  truststore: {truststore}
  truststore_password: {password}
"""
ROOT = "root-of-tests"


@dataclass(frozen=True)
class TlsCassandra:
    """A node that wants a certificate of its clients."""

    port: int
    jmx: int
    keystore: Path
    certificates: Path

    def shows(self, certificate: str) -> None:
        """Let the node show this certificate of the authority's folder from now on."""
        shutil.copy(self.certificates / f"{certificate}.p12", self.keystore)
        tools = setup.load()
        cassandra.nodetool(tools.java_home, tools.cassandra_jars, self.jmx, "reloadssl")

    @contextmanager
    def cluster(self) -> Iterator[Cluster]:
        """A client with the right certificate, as the administrator of a new node."""
        context = ssl.create_default_context(cafile=str(self.certificates / "ca.pem"))
        context.check_hostname = False
        context.load_cert_chain(self.certificates / "client.pem")
        login = PlainTextAuthProvider(cassandra.ADMIN, "cassandra")
        cluster = Cluster([HOST], port=self.port, auth_provider=login, ssl_context=context, connect_timeout=10)
        try:
            yield cluster
        finally:
            cluster.shutdown()

    def ready(self) -> bool:
        """Whether the client is let in."""
        try:
            with self.cluster() as cluster:
                cluster.connect()
        except (NoHostAvailable, OSError):
            return False
        return True


@contextmanager
def tls_cassandra(home: Path, certificates: Path) -> Iterator[TlsCassandra]:
    """The node, with the tables of the demonstration, which are empty, until the block ends."""
    tools, base = setup.load(), home / "cassandra"
    base.mkdir(parents=True)
    ports = choose([*cassandra.PORT_NAMES, "jmx"], {})
    keystore = shutil.copy(certificates / "server.p12", base / "node.p12")
    config = Template((cassandra.HERE / "cassandra.yaml").read_text()).substitute(
        host=HOST, data=base, native_port=ports["cassandra"], storage_port=ports["cassandra_storage"]
    )
    trusted = truststore(certificates / "ca.pem")
    config += _TLS.format(keystore=keystore, truststore=trusted, password=PASSWORD)
    (base / "cassandra.yaml").write_text(config)
    java = f"{ONE_COMPILER} -Dcassandra.jmx.local.port={ports['jmx']}"
    process = Process("cassandra", home)
    command = cassandra.command(base, Path(tools.java_home), Path(tools.cassandra_jars))
    process.start(command, {"TZ": "UTC", "JDK_JAVA_OPTIONS": java, "CASSANDRA_HEAP": "512M"})
    node = TlsCassandra(ports["cassandra"], ports["jmx"], Path(keystore), certificates)
    try:
        process.wait_until(node.ready, cassandra.START_SECONDS)
        yield node
    finally:
        process.stop()


@contextmanager
def tls_store(home: Path, certificates: Path, certificate: str) -> Iterator[str]:
    """The address of a MinIO without buckets that shows one of the authority's certificates until the block ends."""
    there = home / certificate / "certs"
    there.mkdir(parents=True)
    shutil.copy(certificates / f"{certificate}.crt", there / "public.crt")
    shutil.copy(certificates / f"{certificate}.key", there / "private.key")
    port = choose(["minio"], {})["minio"]
    process = Process("minio", home / certificate)
    env = {"MINIO_ROOT_USER": ROOT, "MINIO_ROOT_PASSWORD": ROOT, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}
    command = [
        str(stores.program("minio")),
        "server",
        "--quiet",
        "--certs-dir",
        str(there),
        "--address",
        f"{HOST}:{port}",
    ]
    process.start([*command, str(home / certificate / "data")], env)
    try:
        process.wait_until(lambda: _answers(port), minio.START_SECONDS)
        yield f"https://{HOST}:{port}"
    finally:
        process.stop()


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
