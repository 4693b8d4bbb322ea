"""`make status`: settings with secrets masked, each connection tried as the account that uses it, what may be lost."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from daybook import settings as daybook_settings
from daybook.lake import lifecycle
from local import state as states
from local.accounts import cassandra, objectstore, postgres
from local.servers.objectstore import BUCKETS
from local.stack import Stack


def show(stack: Stack) -> bool:
    """Print settings and connections; return whether every connection works."""
    etl, loader = stack.settings("etl"), stack.settings("loader")
    print(f"settings ({stack.home / 'env'}, then what is exported here, then the default)")
    for line in in_force({**os.environ, **etl}):
        print(f"  {line}")
    print("connections")
    store = states.load(stack.home).store
    checks: dict[str, tuple[str, Callable[[], str]]] = {
        "postgres, as the jobs": ("postgres", lambda: postgres.check(etl)),
        "cassandra, as the jobs": ("cassandra", lambda: cassandra.check(etl)),
        "object store, as the jobs": (store, lambda: objectstore.check(etl, BUCKETS)),
        "object store, as the loader": (store, lambda: objectstore.check(loader, ("gold",))),
    }
    logs = {process.name: process.log for process in stack.processes()}
    results = [_try(title, check, str(logs[server])) for title, (server, check) in checks.items()]
    for line in what_may_be_lost(etl):
        print(f"warning: {line}")
    return all(results)


def in_force(env: Mapping[str, str]) -> Iterator[str]:
    """Each setting that has a value under these variables, secrets masked; one that is not set has its default."""
    for name, setting in daybook_settings.DECLARED.items():
        if value := env.get(name):
            yield f"{name:<36} {daybook_settings.shown(name, value)}"
        elif setting.default:
            yield f"{name:<36} {setting.default} (default)"


def what_may_be_lost(etl: Mapping[str, str]) -> Iterator[str]:
    """What others than Daybook will delete, as far as the jobs' account can see."""
    warehouse = daybook_settings.duckdb_path(etl).absolute()
    if warehouse.is_relative_to(Path("/tmp")):
        then = "set DUCKDB_PATH to another place, or make it again: python jobs/load_duckdb.py --rebuild"
        yield f"{warehouse} lies in /tmp, which most machines empty when they start; {then}"
    places, store = daybook_settings.lake(etl), objectstore.connect(etl)
    for root in (places.bronze, places.silver, places.gold):
        yield from lifecycle.told(store, root)


def _try(title: str, check: Callable[[], str], log: str) -> bool:
    """Print one connection's result in one line, and where to look when it fails."""
    try:
        print(f"  {title:<28} ok: {check()}")
    except Exception as problem:  # noqa: BLE001 - any driver's error is a finding here, not a crash
        reason = " ".join(str(problem).split())
        print(f"  {title:<28} FAILED: {reason}\n    log: {log}\n    next: make up")
        return False
    return True
