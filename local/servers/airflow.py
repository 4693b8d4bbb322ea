"""Airflow's processes: not among the three servers, because only `make airflow` starts them."""

from pathlib import Path

from local.servers.process import Process

COMPONENTS = ("api-server", "scheduler", "dag-processor")


def processes(home: Path) -> list[Process]:
    """Airflow's processes, running or not, each named after its command."""
    return [Process(f"airflow-{name}", home) for name in COMPONENTS]
