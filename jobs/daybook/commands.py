"""The commands that a person is told to run: the one place that spells them."""

import shlex
from collections.abc import Sequence
from datetime import date

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.model import SourceTable

LOAD = "python jobs/load_duckdb.py"
REBUILD = f"{LOAD} --rebuild"
GOLD_OF_SOME_DAY = "spark-submit jobs/gold.py --ds YYYY-MM-DD"


def make(layer: str, batch: str, day: date) -> str:
    """The command that makes a batch of the lake."""
    if layer == "bronze":
        source = next(table.source for table in SOURCE_TABLES if table.batch == batch)
        return _submit(f"extract_{source}", day, day)
    return _submit(layer, day, day)


def read_again(table: SourceTable, day: date) -> str:
    """The command that reads one table of a day once more, as its source has it now."""
    return f"{_submit(f'extract_{table.source}', day, day)} --table {table.name} --refresh"


def silver(day: date) -> str:
    """The command that makes silver of a day."""
    return _submit("silver", day, day)


def silver_again(table: str, days: Sequence[date]) -> str:
    """The command that makes silver of a table anew, whatever is there."""
    return f"{_submit('silver', min(days), max(days))} --table {table} --force"


def gold(first: date, last: date) -> str:
    """The command that makes gold of the days from the first to the last."""
    return _submit("gold", first, last)


def load(day: date) -> str:
    """The command that brings the warehouse up to gold of a day."""
    return f"{LOAD} --ds {day}"


def again(day: date) -> str:
    """The command that reads a day that was not over, makes all of it anew and loads it."""
    return f"{_submit('day', day, day)} && {load(day)}"


def gold_and_load(day: date) -> str:
    """The command that makes gold of a day and loads it."""
    return f"{gold(day, day)} && {load(day)}"


def load_anyway(first: date, last: date) -> str:
    """The command that loads the days from the first to the last though they are out of the ordinary."""
    return f"DAYBOOK_LIMIT_ACTION=warn {LOAD} {_days(first, last)}"


def verify(day: date) -> str:
    """The command that walks the proof of a day."""
    return f"python jobs/verify.py --ds {day}"


def rejected(table: str, day: date, reason: str) -> str:
    """The command that shows the rows of a table-day that were rejected for a reason."""
    return f"python jobs/rejected.py --ds {day} --table {table} --reason {shlex.quote(reason)}"


def whole_day(day: date) -> str:
    """The command that makes all of a day, from the sources to the warehouse."""
    return f"make run DS={day}"


def _submit(job: str, first: date, last: date) -> str:
    return f"spark-submit jobs/{job}.py {_days(first, last)}"


def _days(first: date, last: date) -> str:
    return f"--ds {first}" if first == last else f"--from {first} --to {last}"
