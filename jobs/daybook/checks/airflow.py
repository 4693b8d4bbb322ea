"""Airflow's part, where its program is at hand: the pools and the connection that the DAG needs."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from daybook.checks.looking import Check
from daybook.errors import RetryableError, UsageError

SECONDS = 60.0  # its command line takes long to start
_POOLS = ("daybook_postgres", "daybook_cassandra", "daybook_duckdb")
_CONNECTION = "daybook_spark"
_IMPORT = "airflow pools import conf/airflow_pools.json"


def checks(env: Mapping[str, str]) -> Iterator[Check]:
    """Both checks; none where there is no Airflow."""
    program = shutil.which("airflow", path=env.get("PATH"))
    if program:
        yield Check("Airflow, pools", lambda: _pools(program))
        yield Check("Airflow, connection", lambda: _connection(program))


def _pools(program: str) -> str:
    slots = {pool["pool"]: int(pool["slots"]) for pool in _asked(program, "pools", "list")}
    missing = [pool for pool in _POOLS if pool not in slots]
    if missing:
        raise UsageError(f"there is no pool {', '.join(missing)}", then=_IMPORT)
    wide = [pool for pool in _POOLS if slots[pool] != 1]
    if wide:
        raise UsageError(f"pool {', '.join(wide)} has another number of slots than one", then=_IMPORT)
    return f"{', '.join(_POOLS)} have a slot each"


def _connection(program: str) -> str:
    then = f"airflow connections add {_CONNECTION} --conn-type spark --conn-host 'local[*]'"
    try:
        [found] = _asked(program, "connections", "get", _CONNECTION)
    except UsageError as error:
        raise UsageError(f"there is no connection {_CONNECTION}", then=then) from error
    if found["conn_type"] != "spark":
        raise UsageError(f"connection {_CONNECTION} is of type {found['conn_type']}, not spark", then=then)
    return f"{_CONNECTION} leads to {found['host']}"


def _asked(program: str, *words: str) -> list[Any]:
    """What Airflow's command line answers as JSON; its own words stay unsaid, which may hold a secret."""
    done = subprocess.run([program, *words, "-o", "json"], capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        raise UsageError(f"airflow {' '.join(words)} ended with {done.returncode}", then="see: airflow info")
    try:
        return list(json.loads(done.stdout[done.stdout.index("[") :]))
    except ValueError:
        raise RetryableError(f"airflow {' '.join(words)} gives no JSON", then="see: airflow info") from None
