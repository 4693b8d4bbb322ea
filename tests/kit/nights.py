"""The days that the source has rows of, and who is to process them."""

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

from daybook.contracts import GOLD_TABLES
from tests.kit.harness import SPARK_JOBS, Daybook, Driver

BACKFILL_DAYS = int(os.environ.get("DAYBOOK_BACKFILL_DAYS") or 1)
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
DAYS = [YESTERDAY - timedelta(days=back) for back in range(BACKFILL_DAYS + 2, -1, -1)]
CLUSTER_DAY, BACKFILL, NIGHTS = DAYS[0], DAYS[1:-2], DAYS[-2:]
TASKS = (*SPARK_JOBS, "load_duckdb", "verify")
Runs = dict[date, dict[str, Any]]  # a run as the API tells it, by the day of its data


def rows_of(day: date) -> int:
    """How many rows each source table has on a day: one more each day."""
    return DAYS.index(day) + 1


def unlike_by_hand(daybook: Daybook, driver: Driver, settings: dict[str, str], *days: date) -> list[tuple[str, date]]:
    """The gold table-days whose data is other bytes than those of the same days run by hand, into a lake of its own."""
    by_hand = settings | daybook.own_lake(f"by_hand_{days[0]}")
    for job in SPARK_JOBS:
        ended = driver.run(job, "--from", str(days[0]), "--to", str(days[-1]), **by_hand)
        assert ended.code == 0, ended.output

    def gold(lake: dict[str, str], table: str, day: date) -> dict[str, list[str]]:
        return daybook.contents(daybook.batch("gold", table, day, **lake))

    pairs = [(table.name, day) for table in GOLD_TABLES for day in days]
    return [pair for pair in pairs if gold(settings, *pair) != gold(by_hand, *pair)]
