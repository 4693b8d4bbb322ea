"""The night that the tests look at: a day of rows, its tasks, and what was seen."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from tests.kit.airflow import Airflow
from tests.kit.clock import yesterday_for
from tests.kit.harness import Daybook
from tests.kit.pods.kubelet import Pod

USERS = 3
ONCE = ("extract_cassandra", "extract_postgres", "gold", "load_duckdb", "page", "verify")
KILLED = ("silver", 1)
TASKS = sorted([*((name, 1) for name in ONCE), KILLED, ("silver", 2)])


@cache
def the_day() -> date:
    """Yesterday, until its night is over."""
    return yesterday_for(minutes=10)


@dataclass(frozen=True)
class PodsNight:
    """The run of the day, ended, and what was seen of the pod that was deleted."""

    airflow: Airflow
    run: dict[str, Any]
    pods: dict[tuple[str, int], Pod]
    left: list[int]
    published: set[str]


def silver(daybook: Daybook, settings: dict[str, str]) -> set[str]:
    """The manifests of silver."""
    return {name for name in daybook.stored(settings["DAYBOOK_SILVER"]) if name.endswith("_MANIFEST.json")}
