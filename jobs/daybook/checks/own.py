"""What this machine has: settings, versions, folders with room, exchange rates."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from daybook import settings
from daybook.checks.looking import Check
from daybook.context import read_figures
from daybook.days import shifted, today
from daybook.errors import RetryableError, UsageError
from daybook.log import size
from daybook.spark import scratch

JAVA = "17"
_ROOM = 1_000_000_000  # bytes that a folder should have at least


def of_settings() -> Iterator[Check]:
    """Whether each group of settings can be read, and whether places lie apart."""
    readers: dict[str, Callable[[], object]] = {
        "PostgreSQL": settings.postgres,
        "Cassandra": settings.cassandra,
        "lake": settings.lake,
        "meaning": settings.meaning,
        "passes and timing": lambda: (settings.bounds(), settings.settle()),
        "warehouse": lambda: (settings.remembered(), settings.stops_at_limits(), settings.duckdb_path()),
        "page, log and measures": lambda: (settings.page_due(), settings.cpu_price(), settings.log_form()),
    }
    for name, reader in readers.items():
        yield Check(f"settings, {name}", partial(_readable, reader))


def _readable(reader: Callable[[], object]) -> str:
    reader()
    return "can be read"


def of_machine(jvm: Any) -> Iterator[Check]:  # noqa: ANN401 -- py4j has no types
    """Versions, folders, room and rates, as the driver has them."""
    yield Check("versions", lambda: _versions(jvm))
    yield Check("folders of Spark", lambda: _folders(jvm))
    yield Check("folder of the warehouse", _warehouse)
    yield Check("exchange rates", _rates)


def _versions(jvm: Any) -> str:  # noqa: ANN401 -- py4j has no types
    java = str(jvm.java.lang.System.getProperty("java.version"))
    if java.split(".")[0] != JAVA:
        raise UsageError(f"Java {java}: {JAVA} is what all is tried with", then="set JAVA_HOME to a Java 17")
    spark, python = jvm.org.apache.spark.package.SPARK_VERSION(), ".".join(map(str, sys.version_info[:3]))
    return f"Python {python}, Java {java}, Spark {spark}"


def _folders(jvm: Any) -> str:  # noqa: ANN401 -- py4j has no types
    if problem := scratch.problem(jvm):
        raise problem
    uses = [path for use in scratch.uses(jvm) for path in use.paths]
    return ", ".join(f"{path} ({size(_free(Path(path)))} free)" for path in dict.fromkeys(uses))


def _warehouse() -> str:
    """A load writes a second file beside the first, and swaps the two."""
    path = settings.duckdb_path(os.environ).absolute()
    folder = next(each for each in path.parents if each.exists())
    if not os.access(folder, os.W_OK | os.X_OK):
        then = "let this account write there, or set DUCKDB_PATH to another place"
        raise UsageError(f"{folder} is not writable for uid {os.geteuid()}", then=then)
    held = path.stat().st_size if path.exists() else 0
    free, needed = _free(folder), 2 * held + _ROOM
    if free < needed:
        then = f"make room in {folder}, or set DUCKDB_PATH to another place"
        raise RetryableError(f"{folder} has {size(free)} free, a load may need {size(needed)}", then=then)
    return f"{path} ({size(held)}), {size(free)} free"


def _rates() -> str:
    figures, yesterday = read_figures(()), shifted(today(), -1)
    on = figures.rates.on(yesterday)
    if len(on.valid) == 1:
        line = f"{figures.meaning.exchange_rates}: no rate is young enough for {yesterday}"
        then = "make rates FILE=eurofxref-hist.csv (docs/on-call.md), or raise DAYBOOK_RATE_MAX_AGE_DAYS"
        raise UsageError(line, then=then)
    old = f"; too old: {', '.join(on.too_old)}" if on.too_old else ""
    return f"{len(on.valid) - 1} currencies on {yesterday}{old}"


def _free(folder: Path) -> int:
    return shutil.disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free
