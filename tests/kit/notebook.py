"""The notebook, run as `python notebooks/ask.py` is, in an environment of its own."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from toolchain import places, python_envs

NOTEBOOK = places.ROOT / "notebooks" / "ask.py"
_SHOWN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import ask
_, shown = ask.app.run()
names = ("status", "visits", "weekdays", "money", "rates", "stopped", "quality", "reasons", "unusual", "counted_twice")
print(json.dumps({name: shown[name] for name in names}, default=str))
"""


def run(path: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Python of the notebook's environment, on a warehouse; the environment is built as `make notebook` does."""
    python_envs.ensure("notebook")
    command = [str(places.python("notebook")), *map(str, arguments)]
    return subprocess.run(command, env=os.environ | {"DUCKDB_PATH": str(path)}, capture_output=True, text=True)


def shown(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows that its cells show when nobody has picked days, by the names that the cells give them."""
    done = run(path, "-c", _SHOWN, NOTEBOOK.parent)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])  # before it, DuckDB's progress
    return found
