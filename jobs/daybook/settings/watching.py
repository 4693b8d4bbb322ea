"""Where a run is told of: its log, the file for Prometheus, Spark's event log."""

import os
from collections.abc import Mapping
from pathlib import Path

from daybook.errors import UsageError
from daybook.settings.environment import optional, path, text


def log_form(env: Mapping[str, str] = os.environ) -> str:
    """How the log is written: as text, or as JSON.

    Raises:
        UsageError: it is neither.
    """
    return text(env, "DAYBOOK_LOG")


def metrics_file(env: Mapping[str, str] = os.environ) -> Path | None:
    """The file for Prometheus, if there shall be one.

    Raises:
        UsageError: its folder does not exist.
    """
    value = path(env, "DAYBOOK_METRICS_FILE")
    if value and not value.absolute().parent.is_dir():
        raise UsageError(f"setting DAYBOOK_METRICS_FILE={str(value)!r}: its folder does not exist")
    return value.absolute() if value else None


def event_log(env: Mapping[str, str]) -> str | None:
    """Where Spark's event log is kept, if it is: a folder, or the address of one.

    Raises:
        UsageError: it lies in the home of nobody.
    """
    value = optional(env, "DAYBOOK_EVENT_LOG")
    return str(path(env, "DAYBOOK_EVENT_LOG")) if value and "://" not in value else value
