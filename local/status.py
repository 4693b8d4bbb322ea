"""`make status`: the settings with secrets masked, and each connection tried as the account that uses it."""

from collections.abc import Callable

from local import settings
from local.accounts import cassandra, objectstore, postgres
from local.servers.objectstore import BUCKETS
from local.stack import Stack


def show(stack: Stack) -> bool:
    """Print settings and connections; return whether every connection works."""
    etl, loader = stack.settings("etl"), stack.settings("loader")
    print(f"settings ({stack.home / 'env'})")
    for name, value in etl.items():
        print(f"  {name:<24} {settings.masked(name, value)}")
    print("connections")
    checks: dict[str, tuple[str, Callable[[], str]]] = {
        "postgres, as the jobs": ("postgres", lambda: postgres.check(etl)),
        "cassandra, as the jobs": ("cassandra", lambda: cassandra.check(etl)),
        "object store, as the jobs": ("minio", lambda: objectstore.check(etl, BUCKETS)),
        "object store, as the loader": ("minio", lambda: objectstore.check(loader, ("gold",))),
    }
    logs = {process.name: process.log for process in stack.processes()}
    results = [_try(title, check, str(logs[server])) for title, (server, check) in checks.items()]
    return all(results)


def _try(title: str, check: Callable[[], str], log: str) -> bool:
    """Print one connection's result in one line, and where to look when it fails."""
    try:
        print(f"  {title:<28} ok: {check()}")
    except Exception as problem:  # noqa: BLE001 - any driver's error is a finding here, not a crash
        reason = " ".join(str(problem).split())
        print(f"  {title:<28} FAILED: {reason}\n    log: {log}\n    next: make up")
        return False
    return True
