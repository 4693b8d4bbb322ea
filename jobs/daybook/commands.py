"""The commands that a person is told to run: the one place that spells them."""

from datetime import date

from daybook.contracts import SOURCE_TABLES


def make(layer: str, batch: str, day: date) -> str:
    """The command that makes a batch of the lake."""
    if layer == "bronze":
        source = next(table.source for table in SOURCE_TABLES if table.batch == batch)
        return f"spark-submit jobs/extract_{source}.py --ds {day}"
    return f"spark-submit jobs/{layer}.py --ds {day}"


def load(day: date) -> str:
    """The command that brings the warehouse up to gold of a day."""
    return f"python jobs/load_duckdb.py --ds {day}"
