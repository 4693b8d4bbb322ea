"""Releases before this one, out of the repository's history: their jobs, run on today's servers."""

import subprocess
from pathlib import Path

from toolchain import places

FIRST, THIRD = "7a9dfd2", "ca18632"


def jobs(release: str, folder: Path) -> Path:
    """The jobs as a release had them, with its exchange rates, put into a folder."""
    command = ["git", "-C", str(places.ROOT), "archive", release, "jobs", "conf"]
    archive = subprocess.run(command, capture_output=True)
    assert archive.returncode == 0, f"{archive.stderr.decode()} (a shallow clone? git fetch --unshallow)"
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder / "jobs"
