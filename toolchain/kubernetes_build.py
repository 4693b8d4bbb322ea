"""Kubernetes' API server and its etcd, built once per user from their Go modules: the tests run the DAG on them."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from toolchain import places, tools
from toolchain.report import run_logged, step


@dataclass(frozen=True)
class Program:
    """A main package in a module that `go install` refuses, because it replaces sibling modules by folders beside it.

    In the module proxy those siblings are modules of their own, all released together.
    """

    name: str
    module: str
    version: str
    package: str
    siblings: str
    siblings_version: str

    def cached(self) -> Path:
        """Return where the program is, or will be."""
        return places.cache() / f"{self.name}-{self.version}"


API_SERVER = Program(
    name="kube-apiserver",
    module="k8s.io/kubernetes",
    version="v1.34.4",
    package="k8s.io/kubernetes/cmd/kube-apiserver",
    siblings="./staging/",
    siblings_version="v0.34.4",
)
ETCD = Program(
    name="etcd",
    module="go.etcd.io/etcd/server/v3",
    version="v3.6.4",
    package="go.etcd.io/etcd/server/v3",
    siblings="../",
    siblings_version="v3.6.4",
)


def ensure() -> None:
    """Build what is missing, one after the other: each keeps all processors busy."""
    for program in (ETCD, API_SERVER):
        if not program.cached().exists():
            with step(f"{program.name}, built from source"):
                _build(program, tools.go())


def _build(program: Program, go: Path) -> None:
    """Build in a throw-away module that requires the program's; Go's checksum database verifies each module."""
    log = places.SETUP_LOGS / f"{program.name}.log"
    places.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.cache()) as building:
        env = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "PATH": f"{go.parent}:{os.environ.get('PATH', '')}"}
        edits = [f"-require={program.module}@{program.version}", *_replacements(program, go, building, env)]
        for arguments in (
            ["mod", "init", "building"],
            ["mod", "edit", *edits],
            ["build", "-ldflags=-s -w", "-o", program.name, program.package],
        ):
            run_logged(f"building {program.name}", [str(go), "-C", building, *arguments], log, env)
        tools.publish(Path(building) / program.name, program.cached())


def _replacements(program: Program, go: Path, building: str, env: dict[str, str]) -> list[str]:
    """Return the edits that take each sibling from the proxy instead of the folder that only the repository has."""

    def told(*arguments: str) -> dict[str, object]:
        command = [str(go), *arguments]
        found = subprocess.run(command, cwd=building, env=os.environ | env, capture_output=True, check=True)
        return dict(json.loads(found.stdout))

    declared = told("mod", "download", "-json", f"{program.module}@{program.version}")["GoMod"]
    replaced = told("mod", "edit", "-json", str(declared))["Replace"]
    return [
        f"-replace={entry['Old']['Path']}={entry['Old']['Path']}@{program.siblings_version}"
        for entry in replaced  # type: ignore[attr-defined]
        if entry["New"]["Path"].startswith(program.siblings)
    ]
