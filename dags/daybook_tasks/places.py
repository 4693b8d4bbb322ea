"""Where the jobs and their environments are: beside this checkout, unless the environment names others."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "duckdb.txt"


def job(name: str) -> str:
    """The absolute path of a job's file."""
    return str(ROOT / "jobs" / f"{name}.py")


def gold_tables() -> list[str]:
    """The names of gold's tables: each has a module of its name. The contracts say so, but are not read here."""
    return sorted(module.stem for module in (ROOT / "jobs" / "daybook" / "gold").glob("*_per_day.py"))


def spark_environment() -> Path:
    """The Python environment with pyspark and the jars; DAYBOOK_SPARK_ENV, else the checkout's own."""
    return Path(os.environ.get("DAYBOOK_SPARK_ENV") or ROOT / ".local" / "envs" / "spark")


def spark_submit() -> str:
    """The launcher inside pyspark: it finds Spark beside itself. The other asks a Python whose path may hold no blank."""
    environment = spark_environment()
    inside = environment.glob("lib/python3*/site-packages/pyspark/bin/spark-submit")
    return str(next(inside, environment / "bin" / "spark-submit"))


def duckdb_environment() -> Path | None:
    """The Python environment with DuckDB by DAYBOOK_DUCKDB_ENV; None: each run builds one from its lock."""
    named = os.environ.get("DAYBOOK_DUCKDB_ENV")
    return Path(named) if named else None
