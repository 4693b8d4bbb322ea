"""Daybook: one day of PostgreSQL and Cassandra, cleaned, counted and proven."""

import daybook.interpreter  # noqa: F401, I001 -- before what an older Python cannot read
import hashlib
from functools import cache
from pathlib import Path

__version__ = "0.1.0"


@cache
def code_version() -> str:
    """The release, and a fingerprint of the very code that runs: the same in a clone, a zip or an image."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"
