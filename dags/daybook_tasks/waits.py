"""How long an extraction may wait before it reads: no part of the time that its work is given."""

import os
from datetime import timedelta


def of_an_extraction() -> timedelta:
    """For late writes (DAYBOOK_SETTLE_MINUTES), and for PostgreSQL's tables (DAYBOOK_LOCK_WAIT_SECONDS)."""
    return timedelta(minutes=_whole("DAYBOOK_SETTLE_MINUTES", 10), seconds=_whole("DAYBOOK_LOCK_WAIT_SECONDS", 600))


def _whole(setting: str, default: int) -> int:
    """The setting; what is malformed the job itself refuses, by name, and no DAG is lost for it."""
    value = os.environ.get(setting) or ""
    return min(int(value), 86_400) if value.isascii() and value.isdigit() and len(value) <= 15 else default
