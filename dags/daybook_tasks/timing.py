"""What the settings say of time: waits, retries, the first night. What is malformed stops no DAG from being parsed.

A DAG that is not there makes no night at all, and what is overwritten at the sources meanwhile is lost.
"""

import logging
import os
from datetime import UTC, date, datetime, timedelta

log = logging.getLogger(__name__)


def of_an_extraction() -> timedelta:
    """For late writes (DAYBOOK_SETTLE_MINUTES), and for PostgreSQL's tables (DAYBOOK_LOCK_WAIT_SECONDS).

    How long an extraction may wait before it reads: no part of the time that its work is given.
    """
    return timedelta(minutes=_whole("DAYBOOK_SETTLE_MINUTES", 10), seconds=_whole("DAYBOOK_LOCK_WAIT_SECONDS", 600))


def before_a_retry() -> timedelta:
    """How long a task waits before its first retry (DAYBOOK_RETRY_SECONDS)."""
    return timedelta(seconds=_whole("DAYBOOK_RETRY_SECONDS", 120))


def first_day() -> datetime | None:
    """The first day to catch up from (DAYBOOK_FIRST_DAY); None: no night but the last one is made by itself.

    What is no day is none, too: of nights long past there is nothing but today's source, and a catch-up would keep that
    as their history. `load_duckdb` refuses it by name.
    """
    value = os.environ.get("DAYBOOK_FIRST_DAY")
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC) if value else None
    except ValueError:
        log.warning("DAYBOOK_FIRST_DAY=%r is not a day YYYY-MM-DD: nothing is caught up", value)
        return None


def _whole(setting: str, default: int) -> int:
    value = os.environ.get(setting) or str(default)
    if value.isascii() and value.isdigit() and len(value) <= 15:
        return min(int(value), 86_400)
    log.warning("%s=%r is not a whole number: %d it is here", setting, value, default)
    return default
