"""PostgreSQL: its own cluster, run as an unprivileged user where the caller is root."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from local.servers.ports import HOST
from local.servers.process import Process
from local.state import State, write_private
from toolchain import places
from toolchain.report import LocalError, run_logged, say

DATABASE = "social"
SCHEMA = "public"
ADMIN = "postgres"
PORT_NAMES = ("postgres",)
START_SECONDS = 120
UNPRIVILEGED = "nobody"
# fsync: a power cut may cost the local data, which one command makes again; waiting for disks costs every run
OPTIONS = ("timezone=UTC", "log_timezone=UTC", "fsync=off", "full_page_writes=off")
INITDB = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")


def process(home: Path) -> Process:
    """Return the server's process; SIGINT is PostgreSQL's shutdown that does not wait for clients."""
    return Process("postgres", home, stop_signal=signal.SIGINT)


def identity() -> dict[str, Any]:
    """Return the arguments of subprocess for the server's user: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(UNPRIVILEGED)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}


def folder(home: Path) -> Path:
    """Return where the cluster lives: under `home`, or for want of access in the temporary folder."""
    home.mkdir(parents=True, exist_ok=True)
    if _succeeds(["/bin/sh", "-c", 'cd "$0"', str(home)]):
        return home / "postgres"
    return Path(tempfile.gettempdir()) / f"daybook-{places.fingerprint([], str(home))}" / "postgres"


def start(home: Path, bin_dir: Path, state: State) -> None:
    """Start the server, making its cluster first when there is none."""
    base, log = folder(home), process(home).log
    if base.parent != home:
        say(f"  postgres keeps its data in {base}: user {UNPRIVILEGED} cannot enter {home}")
    programs = _runnable(bin_dir, base)
    if not (base / "data" / "PG_VERSION").exists():
        _initdb(programs, base, state.secrets["postgres_admin"], log)
    command = [str(programs / "postgres"), "-D", str(base / "data"), "-p", str(state.ports["postgres"])]
    for option in (f"listen_addresses={HOST}", "unix_socket_directories=", *OPTIONS):
        command += ["-c", option]
    process(home).start(command, {"TZ": "UTC"}, identity())


def _initdb(programs: Path, base: Path, password: str, log: Path) -> None:
    """Make the cluster; the administrator's password goes through a file, never an argument.

    Built under another name: an interrupted initdb leaves nothing that looks finished.
    """
    base.mkdir(parents=True, exist_ok=True)
    if base.parent.stat().st_uid != os.geteuid():  # in the temporary folder anyone could have made it first
        raise LocalError(f"{base.parent} belongs to another user; set DAYBOOK_LOCAL to a folder of yours")
    base.chmod(0o711)
    building, secret = base / "building", base / "password"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    write_private(secret, password)
    for path in (building, secret):
        shutil.chown(path, identity().get("user", os.geteuid()))
    command = [str(programs / "initdb"), "-D", str(building), "-U", ADMIN, f"--pwfile={secret}", *INITDB]
    run_logged("making the PostgreSQL cluster", command, log, identity=identity())
    secret.unlink()
    building.rename(base / "data")


def _runnable(bin_dir: Path, base: Path) -> Path:
    """Return a folder of programs that the server's user can run: a copy beside the data if need be.

    The wheel lies in the caller's cache, which is closed to others where the home folder is (root's).
    """
    if _succeeds([str(bin_dir / "postgres"), "--version"]):
        return bin_dir
    package = bin_dir.parents[1]
    programs = base / f"programs-{package.parent.name}"  # named after the lock that they are from
    copied = programs / package.name / bin_dir.relative_to(package)
    if places.cache() in package.parents and not copied.exists():
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, programs / part.name, symlinks=True, dirs_exist_ok=True)
        say(f"  postgres is copied to {programs}: user {UNPRIVILEGED} cannot reach the cache")
    if not _succeeds([str(copied / "postgres"), "--version"]):
        user = identity().get("user", os.geteuid())
        raise LocalError(f"{bin_dir / 'postgres'} does not run as user id {user}; mend or hide it, run: make up")
    return copied


def _succeeds(command: list[str]) -> bool:
    """Whether a command works for the server's user."""
    try:
        return subprocess.run(command, capture_output=True, **identity()).returncode == 0
    except OSError:
        return False
