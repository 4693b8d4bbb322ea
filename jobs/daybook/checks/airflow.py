"""Airflow's part, where its program is at hand: the pools and the connection that the DAG needs."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from daybook.checks.looking import Check
from daybook.errors import RetryableError, UsageError

SECONDS = 60.0  # its command line takes long to start
_POOLS = Path(__file__).resolve().parents[3] / "conf" / "airflow_pools.json"
_CONNECTION = "daybook_spark"
# As the DAG's tasks judge it, which import nothing of the jobs: a test holds the two together.
_MASTER = re.compile(r"local(\[(\*|[0-9]+)(, ?[0-9]+)?\])?|spark://[^/\s:]+:[0-9]+(,[^/\s:]+:[0-9]+)*|k8s://\S+")
_IMPORT = "airflow pools import conf/airflow_pools.json"


def checks(env: Mapping[str, str]) -> Iterator[Check]:
    """Both checks; none where there is no Airflow, or, as in a task's pod, none that knows its metadata."""
    program = shutil.which("airflow", path=env.get("PATH"))
    configured = Path(env.get("AIRFLOW_HOME") or "~/airflow").expanduser() / "airflow.cfg"
    if program and (env.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN") or configured.exists()):
        yield Check("Airflow, pools", lambda: _pools(program))
        yield Check("Airflow, connection", lambda: _connection(program))


def _pools(program: str) -> str:
    slots = {pool["pool"]: int(pool["slots"]) for pool in _asked(program, "pools", "list")}
    pools: list[str] = [*json.loads(_POOLS.read_text())]
    missing = [pool for pool in pools if pool not in slots]
    if missing:
        raise UsageError(f"there is no pool {', '.join(missing)}", then=_IMPORT)
    wide = [pool for pool in pools if slots[pool] != 1]
    if wide:
        raise UsageError(f"pool {', '.join(wide)} has another number of slots than one", then=_IMPORT)
    return f"{', '.join(pools)} have a slot each"


def _connection(program: str) -> str:
    add = f"airflow connections add {_CONNECTION} --conn-type spark --conn-host 'local[*]'"
    found = _asked(program, "connections", "get", _CONNECTION, missing="Connection not found")
    if not found:
        raise UsageError(f"there is no connection {_CONNECTION}", then=add)
    [connection] = found
    port = f":{connection['port']}" if connection["port"] else ""
    master = f"{connection['host']}{port}"
    if connection["conn_type"] != "spark" or not _MASTER.fullmatch(master):
        line = f"connection {_CONNECTION} of type {connection['conn_type']} leads to no Spark that is known"
        raise UsageError(line, then=f"airflow connections delete {_CONNECTION} && {add}")
    return f"{_CONNECTION} leads to {master}"


def _asked(program: str, *words: str, missing: str = "") -> list[Any]:
    """What Airflow's command line answers as JSON; its own words stay unsaid, which may hold a secret.

    Nothing where it says that the thing is missing.
    """
    done = subprocess.run([program, *words, "-o", "json"], capture_output=True, text=True, timeout=SECONDS)
    if done.returncode and missing and missing in done.stdout + done.stderr:
        return []
    try:
        return list(json.loads(done.stdout[done.stdout.index("[") :]))
    except ValueError:
        line = f"airflow {' '.join(words)} gives no JSON, and ended with {done.returncode}"
        raise RetryableError(line, then="see: airflow info") from None
