"""`make notebook`: notebooks/ask.py in an editor, on the warehouse that DUCKDB_PATH names."""

import shutil
import subprocess

from toolchain import places, python_envs
from toolchain.report import step

NOTEBOOK = places.ROOT / "notebooks" / "ask.py"


def edit() -> int:
    """Open the notebook until interrupted; return marimo's exit code."""
    with step("environment notebook"):
        python_envs.ensure("notebook")
    marimo = places.environment("notebook") / "bin" / "marimo"
    try:
        return subprocess.run([marimo, "edit", "--skip-update-check", NOTEBOOK]).returncode
    except KeyboardInterrupt:
        return 0
    finally:
        # the outputs, which marimo keeps beside a notebook to show them again: they hold what people did
        shutil.rmtree(NOTEBOOK.parent / "__marimo__", ignore_errors=True)
