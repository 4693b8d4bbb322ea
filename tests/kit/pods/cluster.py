"""A Kubernetes API server of the tests' own, with its etcd and role-based access control."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from Crypto.PublicKey import RSA
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError

from local.servers.ports import HOST, choose
from local.servers.process import Process
from local.state import write_private
from toolchain import kubernetes_build as programs
from toolchain.report import step

ADMIN = "admin"
NAMESPACE = "daybook"


@dataclass(frozen=True)
class Cluster:
    """A running API server; each user has a kubeconfig, which only the tests' user can read."""

    folder: Path

    def kubeconfig(self, user: str) -> Path:
        """The file by which this user reaches the API server."""
        return self.folder / f"{user}.kubeconfig"

    def api(self, user: str = ADMIN) -> client.ApiClient:
        """A client that is this user."""
        return config.new_client_from_config(str(self.kubeconfig(user)))


@contextmanager
def cluster(folder: Path, users: dict[str, str]) -> Iterator[Cluster]:
    """An API server that knows its administrator and these service accounts (user → account), until the block ends.

    Its programs are built first where this user has none yet, in minutes.
    """
    programs.ensure()
    etcd, server = Process("etcd", folder), Process("kube-apiserver", folder)
    try:
        with step("the Kubernetes API server is up"):
            up = _start(folder, etcd, server, users)
        yield up
    finally:
        server.stop()
        etcd.stop()


def _start(folder: Path, etcd: Process, server: Process, users: dict[str, str]) -> Cluster:
    ports = choose(["etcd", "etcd_peer", "api"], {})
    address = f"http://{HOST}:{ports['etcd']}"
    command = [str(programs.ETCD.cached()), f"--data-dir={folder / 'etcd'}", "--unsafe-no-fsync"]
    command += [f"--listen-client-urls={address}", f"--advertise-client-urls={address}"]
    peer = f"http://{HOST}:{ports['etcd_peer']}"
    command += [
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]
    etcd.start(command, {})
    write_private(folder / "accounts.key", RSA.generate(2048).export_key().decode())
    _let_in(folder, f"https://{HOST}:{ports['api']}", users)
    server.start(_api_server(folder, address, ports["api"]), {})
    up = Cluster(folder)
    server.wait_until(lambda: _ready(up), 60)
    client.CoreV1Api(up.api()).create_namespace({"metadata": {"name": NAMESPACE}})
    return up


def _api_server(folder: Path, etcd: str, port: int) -> list[str]:
    options = {
        "etcd-servers": etcd,
        "bind-address": HOST,
        "advertise-address": HOST,
        "secure-port": port,
        "cert-dir": folder / "certificates",
        "token-auth-file": folder / "tokens.csv",
        "authorization-mode": "RBAC",
        "service-account-issuer": "https://daybook.test",
        "service-account-key-file": folder / "accounts.key",
        "service-account-signing-key-file": folder / "accounts.key",
        "service-cluster-ip-range": "10.0.0.0/24",
        # It waits for accounts and tokens that a controller makes, and no controller runs here.
        "disable-admission-plugins": "ServiceAccount",
    }
    return [str(programs.API_SERVER.cached()), *(f"--{name}={value}" for name, value in options.items())]


def _let_in(folder: Path, address: str, accounts: dict[str, str]) -> None:
    """Give everybody a token: the administrator every right, a service account its own groups and no more."""
    known = {ADMIN: (ADMIN, "system:masters")}
    groups = f"system:serviceaccounts,system:serviceaccounts:{NAMESPACE}"
    known |= {user: (f"system:serviceaccount:{NAMESPACE}:{account}", groups) for user, account in accounts.items()}
    lines = []
    for user, (name, groups) in known.items():
        token = secrets.token_hex(16)
        lines.append(f'{token},{name},{name},"{groups}"\n')
        cluster = {"server": address, "certificate-authority": str(folder / "certificates" / "apiserver.crt")}
        context = {"cluster": "daybook", "user": user, "namespace": NAMESPACE}
        kubeconfig = {
            "clusters": [{"name": "daybook", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "daybook", "context": context}],
            "current-context": "daybook",
        }
        write_private(Cluster(folder).kubeconfig(user), json.dumps(kubeconfig))
    write_private(folder / "tokens.csv", "".join(lines))


def _ready(up: Cluster) -> bool:
    """Whether it says so, which it does once it has made the roles that it makes by itself."""
    try:
        up.api().call_api("/readyz", "GET", auth_settings=["BearerToken"], _preload_content=False)
    except (ApiException, ConfigException, HTTPError):
        return False
    return True
