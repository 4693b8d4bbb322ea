"""The settings that change what the figures mean, read."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from daybook.contracts.meanings import MEANINGS, Meaning
from daybook.errors import UsageError
from daybook.settings.environment import optional, path, text, value, whole

# A letter first; then letters, digits, _, - and ., or a single blank between two of them.
_STATE = re.compile(r"[^\W\d_](?: ?[\w.-])*")
_REPOSITORY = Path(__file__).resolve().parents[3]


def meaning(env: Mapping[str, str] = os.environ) -> Meaning:
    """The settings that change what the figures mean.

    Raises:
        UsageError: one of them is malformed.
    """
    read: dict[str, Any] = {setting.field: value(env, setting.name) for setting in MEANINGS}
    if optional(env, "DAYBOOK_MAX_GAP_MINUTES"):  # they win over the hours
        read["max_gap"] = timedelta(minutes=whole(env, "DAYBOOK_MAX_GAP_MINUTES"))
    _check_states(text(env, "DAYBOOK_SUCCESS_STATES"), read["success_states"])
    rates = path(env, "DAYBOOK_EXCHANGE_RATES") or _REPOSITORY / "conf/exchange_rates.csv"
    return Meaning(**read, exchange_rates=rates)


def _check_states(told: str, states: tuple[str, ...]) -> None:
    """See that each of the states is one word of its own.

    Raises:
        UsageError: one is none, or stands there twice.
    """
    for state in states:
        if not _STATE.fullmatch(state) or states.count(state) > 1:
            wrong = "stands there twice" if _STATE.fullmatch(state) else "is not one state"
            line = f"setting DAYBOOK_SUCCESS_STATES={told!r}: {state!r} {wrong}"
            then = "write the states with commas between them: DAYBOOK_SUCCESS_STATES=CLICKED,READ"
            raise UsageError(line, then=then)
