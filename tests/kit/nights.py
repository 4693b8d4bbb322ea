"""The days that the source has rows of, and who is to process them."""

import os
from datetime import date
from functools import cache
from typing import Any

from daybook import days
from tests.kit.clock import yesterday_for
from tests.kit.harness import SPARK_JOBS

BACKFILL_DAYS = int(os.environ.get("DAYBOOK_BACKFILL_DAYS") or 1)
TASKS = (*SPARK_JOBS, "load_duckdb", "verify", "page")
Runs = dict[date, dict[str, Any]]  # a run as the API tells it, by the day of its data


@cache
def all_days() -> list[date]:
    """Those of the backfill and of the nights; the last is yesterday until they are made."""
    newest = yesterday_for(minutes=20)
    return days.through(days.shifted(newest, -BACKFILL_DAYS - 1), newest)


def backfill() -> list[date]:
    """The days that are processed later, together."""
    return all_days()[:-2]


def nights() -> list[date]:
    """The two days that the schedule processes."""
    return all_days()[-2:]


def rows_of(day: date) -> int:
    """How many rows each source table has on a day: one more each day."""
    return all_days().index(day) + 1
