"""MinIO: one drive, no console."""

from pathlib import Path

from local.servers.objectstore import ADMIN
from local.servers.ports import HOST
from local.servers.process import Process
from local.state import State

PORT_NAMES = ("minio",)
START_SECONDS = 120


def process(home: Path) -> Process:
    """Return the server's process."""
    return Process("minio", home)


def start(home: Path, program: Path, state: State) -> None:
    """Start the server; its root account comes through the environment, never an argument."""
    data = home / "minio"
    data.mkdir(parents=True, exist_ok=True)
    env = {
        "MINIO_ROOT_USER": ADMIN,
        "MINIO_ROOT_PASSWORD": state.secrets["store_root"],
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    command = [str(program), "server", "--quiet", "--address", f"{HOST}:{state.ports['minio']}", str(data)]
    process(home).start(command, env)
