"""The environments of the image: `deploy/Dockerfile` builds them with the code of `make setup`.

python -m toolchain.image airflow spark duckdb page
"""

import argparse
import sys
from collections.abc import Iterable

from toolchain import jars, python_envs
from toolchain.report import LocalError, step

ENVIRONMENTS = ("airflow", "spark", "duckdb", "page")


def build(environments: Iterable[str]) -> None:
    """Build the named environments, and put the jars into the one with Spark."""
    for name in environments:
        with step(f"environment {name}"):
            python_envs.build(name)
        if name == "spark":
            with step("jars of Spark"):
                jars.download("spark")
                jars.install([name])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m toolchain.image", description="Build environments of the image.")
    parser.add_argument("environments", nargs="+", choices=ENVIRONMENTS)
    try:
        build(parser.parse_args().environments)
    except LocalError as error:
        sys.exit(str(error))
