"""What a stack remembers between starts: its ports, the passwords it generated, and its object store."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

SECRETS = [
    *("postgres_admin", "postgres_etl"),
    *("cassandra_admin", "cassandra_etl"),
    *("store_root", "store_etl", "store_loader"),
    *("airflow_admin", "airflow_database", "airflow_fernet", "airflow_api", "airflow_jwt"),
]


@dataclass
class State:
    """Ports by name, passwords by account, and which object store it has."""

    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    store: str = "minio"


def load(home: Path) -> State:
    """Return the state of the stack in `home`; a new one has passwords and no port."""
    try:
        recorded = json.loads((home / "state.json").read_text())
    except FileNotFoundError:
        recorded = {"ports": {}, "secrets": {}}
    generated = {name: secrets.token_hex(16) for name in SECRETS}
    return State(recorded["ports"], generated | recorded["secrets"], recorded.get("store", State.store))


def save(home: Path, state: State) -> None:
    """Write the state, readable by its owner only."""
    write_private(home / "state.json", json.dumps(asdict(state), indent=2))


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that is never, not even for a moment, readable by others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    new.replace(path)
