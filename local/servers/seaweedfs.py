"""SeaweedFS: master, volume, filer and S3 gateway in one process."""

import json
import os
import signal
from pathlib import Path
from typing import Any

from local.servers.objectstore import ADMIN
from local.servers.ports import HOST
from local.servers.process import Process
from local.state import State, write_private

PARTS = ("master", "volume", "filer", "s3")
# S3 itself has the store's name; each part has a second port for the others.
PORT_NAMES = ("seaweedfs", *(f"seaweedfs_{part}" for part in PARTS[:-1]), *(f"seaweedfs_{part}_grpc" for part in PARTS))
START_SECONDS = 120


def process(home: Path) -> Process:
    """Return the server's process."""
    return Process("seaweedfs", home)


def start(home: Path, program: Path, state: State) -> None:
    """Start the server; its accounts are in a file for its owner only, never an argument."""
    data = home / "seaweedfs"
    data.mkdir(parents=True, exist_ok=True)
    _write(home, _known(home) | {ADMIN: _account(ADMIN, state.secrets["store_root"], {"actions": ["Admin"]})})
    command = [str(program), "server", f"-dir={data}", f"-ip={HOST}", f"-ip.bind={HOST}", "-filer", "-s3"]
    command += [f"-s3.config={_file(home)}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    command += ["-s3.autoCreateBucket=false"]  # a bucket that is missing is an error, also to the administrator
    command += ["-volume.max=0", "-master.volumeSizeLimitMB=64"]
    for part in PARTS:
        port = state.ports["seaweedfs" if part == "s3" else f"seaweedfs_{part}"]
        command += [f"-{part}.port={port}", f"-{part}.port.grpc={state.ports[f'seaweedfs_{part}_grpc']}"]
    process(home).start(command, {})


def user(home: Path, name: str, password: str, rights: dict[str, Any]) -> None:
    """Make or change one account with a policy of the same name; the server reads them again at once."""
    account = _account(name, password, {"policyNames": [name]})
    _write(home, _known(home) | {name: account | {"policy": rights}})
    if pid := process(home).pid():
        os.kill(pid, signal.SIGHUP)


def _account(name: str, password: str, rights: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": name, "secretKey": password}], **rights}


def _file(home: Path) -> Path:
    return home / "seaweedfs" / "accounts.json"


def _known(home: Path) -> dict[str, dict[str, Any]]:
    """The accounts by name, each with its policy, as they were written last."""
    if not _file(home).exists():
        return {}
    read = json.loads(_file(home).read_text())
    policies = {policy["name"]: json.loads(policy["content"]) for policy in read["policies"]}
    return {each["name"]: each | _policy(policies.get(each["name"])) for each in read["identities"]}


def _policy(rights: dict[str, Any] | None) -> dict[str, Any]:
    return {"policy": rights} if rights else {}


def _write(home: Path, accounts: dict[str, dict[str, Any]]) -> None:
    policies = [
        {"name": name, "content": json.dumps(account["policy"])}
        for name, account in accounts.items()
        if "policy" in account
    ]
    identities = [{key: value for key, value in each.items() if key != "policy"} for each in accounts.values()]
    write_private(_file(home), json.dumps({"identities": identities, "policies": policies}, indent=2))
