"""Where the jobs and their environments are: beside this checkout, unless the environment names others."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def job(name: str) -> str:
    """The absolute path of a job's file."""
    return str(ROOT / "jobs" / f"{name}.py")


def gold_tables() -> list[str]:
    """The names of gold's tables: each has a module of its name. The contracts say so, but are not read here."""
    return sorted(module.stem for module in (ROOT / "jobs" / "daybook" / "gold").glob("*_per_day.py"))


def spark_environment() -> Path:
    """The Python environment with pyspark and the jars; DAYBOOK_SPARK_ENV, else the checkout's own."""
    return _path("DAYBOOK_SPARK_ENV") or ROOT / ".local" / "envs" / "spark"


def spark_submit() -> str:
    """The launcher inside pyspark: it finds Spark beside itself. The other asks a Python whose path may hold no blank."""
    environment = spark_environment()
    inside = environment.glob("lib/python3*/site-packages/pyspark/bin/spark-submit")
    return str(next(inside, environment / "bin" / "spark-submit"))


def python_environment(name: str) -> Path | None:
    """The Python environment `duckdb` or `page` by DAYBOOK_<NAME>_ENV; None: each run builds one from its lock."""
    return _path(f"DAYBOOK_{name.upper()}_ENV")


def lock(name: str) -> Path:
    """The hash-locked requirements of a Python environment."""
    return ROOT / "requirements" / f"{name}.txt"


def gold() -> str:
    """Where gold is, as others than Hadoop write it: `s3://bucket/prefix`."""
    return re.sub("^s3a:", "s3:", os.environ.get("DAYBOOK_GOLD") or "s3a://gold")


def warehouse() -> Path:
    """The analysts' DuckDB file."""
    return (_path("DUCKDB_PATH") or Path("/tmp/duckdb/analytics.duckdb")).absolute()


def pages() -> Path:
    """The folder of the days' pages, beside the warehouse."""
    return warehouse().parent / "daybook"


def page(day: str, form: str = "html") -> Path:
    """The page of a day; its facts in the form `json`."""
    return pages() / "days" / f"{day}.{form}"


def _path(setting: str) -> Path | None:
    """The path that a setting names, `~` as a shell reads it; a home of nobody the job itself refuses."""
    named = os.environ.get(setting)
    return Path(os.path.expanduser(named)) if named else None
