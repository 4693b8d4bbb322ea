"""Where things are kept: the checkout, its state, and the cache that all checkouts of a user share."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
CHECKOUT_STATE = ROOT / ".local"
SETUP_LOGS = CHECKOUT_STATE / "logs" / "setup"


def state_home() -> Path:
    """Return the folder of the servers' data, logs and settings: `.local`, or what DAYBOOK_LOCAL names."""
    return Path(os.environ.get("DAYBOOK_LOCAL") or CHECKOUT_STATE).expanduser().absolute()


def cache() -> Path:
    """Return the user's cache, for what is slow to fetch or build and the same for every checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "daybook"


def environment(name: str) -> Path:
    """Return the folder of one Python environment: the checkout's own, or in the folder that DAYBOOK_ENVS names."""
    return Path(os.environ.get("DAYBOOK_ENVS") or CHECKOUT_STATE / "envs").expanduser() / name


def python(name: str) -> Path:
    """Return the interpreter of one Python environment of this checkout."""
    return environment(name) / "bin" / "python"


def fingerprint(files: Iterable[Path], *facts: str) -> str:
    """Return a short digest of files and facts: the name of what was made from exactly these."""
    digest = hashlib.sha256()
    for part in [*(path.read_bytes() for path in files), *(fact.encode() for fact in facts)]:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:12]
