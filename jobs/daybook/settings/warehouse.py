"""Where the warehouse is, what its file is to remember, and what a day out of the ordinary does."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from daybook.errors import UsageError
from daybook.settings.environment import one_of, path, whole

# From where on a day is out of the ordinary, and between which numbers each may be set.
LIMITS = {
    "limit_rejected_factor": 3,
    "limit_rejected_rows": 5,
    "limit_rows_factor": 2,
    "limit_rate_days": 7,
}
_LOWEST, _HIGHEST = 1, 1_000_000


def duckdb_path(env: Mapping[str, str] = os.environ) -> Path:
    """Where the warehouse file is.

    Raises:
        UsageError: it lies in the home of nobody.
    """
    return path(env, "DUCKDB_PATH") or Path("/tmp/duckdb/analytics.duckdb")


def remembered(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What is set of that which the file remembers: the first day that there ever was, and the limits.

    Raises:
        UsageError: the first day is no day, or a limit no such number.
    """
    limits = {name: f"DAYBOOK_{name.upper()}" for name in LIMITS}
    told = {
        name: str(whole(env, setting, LIMITS[name], _LOWEST, _HIGHEST))
        for name, setting in limits.items()
        if env.get(setting)
    }
    first_day = env.get("DAYBOOK_FIRST_DAY") or None
    if first_day:
        told["first_day"] = str(_day("DAYBOOK_FIRST_DAY", first_day))
    return told


def stops_at_limits(env: Mapping[str, str] = os.environ) -> bool:
    """Whether a load stops at a day out of the ordinary, and does not only say so.

    Raises:
        UsageError: it is neither `warn` nor `stop`.
    """
    return one_of(env, "DAYBOOK_LIMIT_ACTION", "warn", ("warn", "stop")) == "stop"


def _day(setting: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"setting {setting}={value!r} is not a day YYYY-MM-DD") from None
