"""Where the warehouse is, what its file is to remember, and what a day out of the ordinary does."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from daybook.settings.declared import lake as declared
from daybook.settings.environment import path, text, value, whole

# From where on a day is out of the ordinary, by the names under which the warehouse file remembers it.
LIMITS = {
    setting.name.removeprefix("DAYBOOK_").lower(): int(setting.default)
    for setting in declared.LIMITS
    if setting.kind == "whole" and setting.default
}


def duckdb_path(env: Mapping[str, str] = os.environ) -> Path:
    """Where the warehouse file is.

    Raises:
        UsageError: it lies in the home of nobody.
    """
    return cast(Path, path(env, "DUCKDB_PATH"))  # which has a default


def remembered(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What is set of that which the file remembers: the first day that there ever was, and the limits.

    Raises:
        UsageError: the first day is no day, or a limit no such number.
    """
    limits = {name: f"DAYBOOK_{name.upper()}" for name in LIMITS}
    told = {name: str(whole(env, setting)) for name, setting in limits.items() if env.get(setting)}
    first_day = value(env, "DAYBOOK_FIRST_DAY")
    return {**told, "first_day": str(first_day)} if first_day else told


def stops_at_limits(env: Mapping[str, str] = os.environ) -> bool:
    """Whether a load stops at a day out of the ordinary, and does not only say so.

    Raises:
        UsageError: it is neither `warn` nor `stop`.
    """
    return text(env, "DAYBOOK_LIMIT_ACTION") == "stop"
