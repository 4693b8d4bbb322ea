"""The days that the source has rows of, and who is to process them."""

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.kit.harness import SPARK_JOBS

BACKFILL_DAYS = int(os.environ.get("DAYBOOK_BACKFILL_DAYS") or 1)
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
DAYS = [YESTERDAY - timedelta(days=back) for back in range(BACKFILL_DAYS + 1, -1, -1)]
BACKFILL, NIGHTS = DAYS[:-2], DAYS[-2:]
TASKS = (*SPARK_JOBS, "load_duckdb", "verify", "page")
Runs = dict[date, dict[str, Any]]  # a run as the API tells it, by the day of its data


def rows_of(day: date) -> int:
    """How many rows each source table has on a day: one more each day."""
    return DAYS.index(day) + 1
