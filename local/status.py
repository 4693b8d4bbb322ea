"""`make status`: settings with secrets masked, everything that the jobs need looked at, what may be lost."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from daybook import settings as daybook_settings
from local.accounts import objectstore
from local.stack import Stack
from toolchain import places


def show(stack: Stack) -> bool:
    """Print settings and what `jobs/check.py` finds with them; return whether all is right."""
    etl, loader = stack.settings("etl"), stack.settings("loader")
    env = {**os.environ, **etl}
    print(f"settings ({stack.home / 'env'}, then what is exported here, then the default)")
    for line in in_force(env):
        print(f"  {line}")
    print("checks", flush=True)
    check = [str(places.python("spark")), str(places.ROOT / "jobs" / "check.py")]
    right = subprocess.run(check, env=env).returncode == 0
    right = _loader(loader, str(stack.home / "logs")) and right
    for line in what_may_be_lost(etl):
        print(f"warning: {line}")
    return right


def in_force(env: Mapping[str, str]) -> Iterator[str]:
    """Each setting that has a value under these variables, secrets masked; one that is not set has its default."""
    for name, setting in daybook_settings.DECLARED.items():
        if value := env.get(name):
            yield f"{name:<36} {daybook_settings.shown(name, value)}"
        elif setting.default:
            yield f"{name:<36} {setting.default} (default)"


def what_may_be_lost(etl: Mapping[str, str]) -> Iterator[str]:
    """What the machine will delete."""
    warehouse = daybook_settings.duckdb_path(etl).absolute()
    if warehouse.is_relative_to(Path("/tmp")):
        then = "set DUCKDB_PATH to another place, or make it again: python jobs/load_duckdb.py --rebuild"
        yield f"{warehouse} lies in /tmp, which most machines empty when they start; {then}"


def _loader(settings: Mapping[str, str], logs: str) -> bool:
    """Print in one line whether the loader's account can read gold."""
    try:
        print(f"✓ object store, as the loader: {objectstore.check(settings, ('gold',))}")
    except Exception as problem:  # noqa: BLE001 - any driver's error is a finding here, not a crash
        print(f"✕ object store, as the loader: {' '.join(str(problem).split())}\n    logs: {logs}\n    next: make up")
        return False
    return True
