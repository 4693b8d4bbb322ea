"""A pod's container, as a process with mounts and a process tree of its own."""

import base64
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from kubernetes.client import CoreV1Api

from toolchain import places

# What the image has, and where; its interpreters and Java stay where this machine has them. The container's user
# (runAsUser) is root or the tests' own: the interpreter of the environments may lie in a home closed to others.
IMAGE_FOLDERS = {f"/opt/daybook/{name}": places.ROOT / name for name in ("dags", "jobs", "conf", "requirements")} | {
    "/opt/daybook/envs": places.CHECKOUT_STATE / "envs"
}


@dataclass(frozen=True)
class Mount:
    """A folder or file of this machine, at its place in the container."""

    source: Path
    target: str
    read_only: bool = False


@dataclass
class Container:
    """A running container; killing its first process makes the kernel kill every other one in it."""

    process: "subprocess.Popen[bytes]"
    first: int
    namespace: str

    def wait(self) -> int:
        """Its exit code once it has ended; where it was killed that of `unshare`, which is not 0."""
        return abs(self.process.wait())

    def end(self, grace: float) -> None:
        """Ask its first process to end; after the grace period end everything."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                os.kill(self.first, sign)
                try:
                    self.process.wait(grace)
                except subprocess.TimeoutExpired:
                    continue

    def processes(self) -> list[int]:
        """All that still runs in it."""
        return [pid for pid, namespace in _namespaces() if namespace == self.namespace]


def start(words: list[str], env: Mapping[str, str], mounts: list[Mount], folder: Path) -> Container:
    """Run a command in a container; its output is in the folder's `log`."""
    enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    enter += [] if os.geteuid() == 0 else ["--map-root-user"]
    root = folder / "root"
    root.mkdir()
    (folder / "tmp").mkdir()
    script = "\n".join(["set -e", *_root(root, mounts, folder), f'exec chroot {root} "$@"'])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*enter, "sh", "-c", script, "sh", *words],
            env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    first = _child(process)
    return Container(process, first, os.readlink(f"/proc/{first}/ns/pid"))


def _root(root: Path, mounts: list[Mount], folder: Path) -> Iterator[str]:
    """The commands that make the container's file system: this machine's, with /opt and /tmp of its own."""
    yield f"mount --rbind / {root}"
    yield f"mount --bind {folder / 'tmp'} {root}/tmp"
    yield f"mount -t tmpfs none {root}/opt"
    yield f"mkdir {root}/opt/.machine {root}/opt/airflow"
    yield f"mount --rbind /opt {root}/opt/.machine"
    yield f'for kept in /opt/*; do ln -s ".machine/${{kept##*/}}" {root}/opt/; done'
    image = [Mount(source, target) for target, source in IMAGE_FOLDERS.items()]
    for mount in [*image, *mounts]:
        source, target = shlex.quote(str(mount.source)), shlex.quote(f"{root}{mount.target}")
        yield f"mkdir -p {target}" if mount.source.is_dir() else f"mkdir -p $(dirname {target}); touch {target}"
        yield f"mount --bind {source} {target}"
        if mount.read_only:
            yield f"mount -o remount,bind,ro {target}"


def _child(process: "subprocess.Popen[bytes]") -> int:
    """The first process of the container: the only child of the program that made the container."""
    while process.poll() is None:
        if found := psutil.Process(process.pid).children():
            return found[0].pid
    raise RuntimeError(f"the container ended with {process.returncode} before it began")


def _namespaces() -> Iterator[tuple[int, str]]:
    for pid in psutil.pids():
        with suppress(OSError):  # it has just ended
            yield pid, os.readlink(f"/proc/{pid}/ns/pid")


def image_env() -> dict[str, str]:
    """The environment that the Dockerfile gives the image, on top of its base's."""
    last_stage = (places.ROOT / "deploy" / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    (declared,) = re.findall(r"^ENV ((?:.*\\\n)*.*)", last_stage, re.MULTILINE)
    env = dict(word.split("=", 1) for word in declared.replace("\\\n", " ").split())
    path = env["PATH"].replace("$PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    return env | {"PATH": path, "HOME": env["AIRFLOW_HOME"]}


def environment(core: CoreV1Api, namespace: str, container: Mapping[str, Any]) -> dict[str, str]:
    """The container's environment: the image's, then whole Secrets and ConfigMaps, then single variables."""
    env = image_env()
    for source in container.get("envFrom", []):
        for kind in ("secretRef", "configMapRef"):
            if kind in source:
                env |= data(core, namespace, kind.removesuffix("Ref"), source[kind]["name"])
    for variable in container.get("env", []):
        env[variable["name"]] = variable["value"] if "value" in variable else _referred(core, namespace, variable)
    return env


def _referred(core: CoreV1Api, namespace: str, variable: Mapping[str, Any]) -> str:
    ((kind, reference),) = variable.get("valueFrom", {"": None}).items()
    if kind not in ("secretKeyRef", "configMapKeyRef"):
        return ""  # no value at all is the empty one
    return data(core, namespace, kind.removesuffix("KeyRef"), reference["name"])[reference["key"]]


def data(core: CoreV1Api, namespace: str, kind: str, name: str) -> dict[str, str]:
    """What a Secret or a ConfigMap holds."""
    if kind == "configMap":
        return dict(core.read_namespaced_config_map(name, namespace).data)
    held = core.read_namespaced_secret(name, namespace).data
    return {key: base64.b64decode(value).decode() for key, value in held.items()}
