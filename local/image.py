"""The environments of the image: `deploy/Dockerfile` builds them with the code of `make setup`."""

from collections.abc import Iterable

from local import jars, python_envs
from local.report import step

ENVIRONMENTS = ("airflow", "spark", "duckdb")


def build(environments: Iterable[str]) -> None:
    """Build the named environments, and put the jars into the one with Spark."""
    for name in environments:
        with step(f"environment {name}"):
            python_envs.build(name)
        if name == "spark":
            with step("jars of Spark"):
                jars.download()
                jars.install([name])
