"""The settings that change what the figures mean."""

import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from daybook.errors import UsageError
from daybook.settings.environment import one_of, path, text, whole

# A rupiah buys little: the limit may need many digits. Beyond these an amount does not fit its type.
_HIGHEST_LIMIT = 10**12
# A letter first; then letters, digits, _, - and ., or a single blank between two of them.
_STATE = re.compile(r"[^\W\d_](?: ?[\w.-])*")
DATE_ORDERS = ("day_first", "month_first")
# Settings that came when there were lakes already, each with the value under which everything before it was made.
YOUNGER = {"DAYBOOK_DATE_ORDER": "day_first"}
_REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Meaning:
    """The settings that change what the figures mean."""

    reporting_currency: str
    exchange_rates: Path
    rate_max_age_days: int
    amount_limit: int
    max_gap: timedelta
    attribution: timedelta
    success_states: tuple[str, ...]
    id_namespace: uuid.UUID | None
    month_first: bool

    def of(self, names: tuple[str, ...]) -> dict[str, str]:
        """The values of the named settings as text, for an input fingerprint.

        A setting that is younger than the lake is there only where it is not its default: what was made before it came
        is made under just that, and stays.
        """
        values = {
            "DAYBOOK_REPORTING_CURRENCY": self.reporting_currency,
            "DAYBOOK_RATE_MAX_AGE_DAYS": str(self.rate_max_age_days),
            "DAYBOOK_AMOUNT_LIMIT": str(self.amount_limit),
            "DAYBOOK_MAX_GAP_HOURS": str(self.max_gap),
            "DAYBOOK_ATTRIBUTION_HOURS": str(self.attribution),
            "DAYBOOK_SUCCESS_STATES": ",".join(sorted(self.success_states)),
            "DAYBOOK_ID_NAMESPACE": str(self.id_namespace),
            "DAYBOOK_DATE_ORDER": DATE_ORDERS[self.month_first],
        }
        return {name: values[name] for name in names if values[name] != YOUNGER.get(name)}


def meaning(env: Mapping[str, str] = os.environ) -> Meaning:
    """The settings that change what the figures mean.

    Raises:
        UsageError: one of them is malformed.
    """
    currency = text(env, "DAYBOOK_REPORTING_CURRENCY", "EUR")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise UsageError(f"setting DAYBOOK_REPORTING_CURRENCY={currency!r} is not three letters A-Z")
    return Meaning(
        reporting_currency=currency,
        exchange_rates=path(env, "DAYBOOK_EXCHANGE_RATES") or _REPOSITORY / "conf/exchange_rates.csv",
        rate_max_age_days=whole(env, "DAYBOOK_RATE_MAX_AGE_DAYS", 45, 0, 36_500),
        amount_limit=whole(env, "DAYBOOK_AMOUNT_LIMIT", 1_000_000, 1, _HIGHEST_LIMIT),
        max_gap=_max_gap(env),
        attribution=timedelta(hours=whole(env, "DAYBOOK_ATTRIBUTION_HOURS", 24, 1, 24)),
        success_states=_states(env),
        id_namespace=_namespace(env),
        month_first=one_of(env, "DAYBOOK_DATE_ORDER", DATE_ORDERS[0], DATE_ORDERS) == DATE_ORDERS[True],
    )


def _max_gap(env: Mapping[str, str]) -> timedelta:
    """The longest gap that is time spent: by the minute if that is set, else by the hour."""
    hours = whole(env, "DAYBOOK_MAX_GAP_HOURS", 24, 1, 24)
    return timedelta(minutes=whole(env, "DAYBOOK_MAX_GAP_MINUTES", hours * 60, 1, 1440))


def _states(env: Mapping[str, str]) -> tuple[str, ...]:
    """The states, in upper case by Unicode's full mapping: the same as silver's."""
    value = text(env, "DAYBOOK_SUCCESS_STATES", "CLICKED,READ,OPENED")
    states = [part.strip().upper() for part in value.split(",")]
    for state in states:
        if not _STATE.fullmatch(state) or states.count(state) > 1:
            wrong = "stands there twice" if _STATE.fullmatch(state) else "is not one state"
            line = f"setting DAYBOOK_SUCCESS_STATES={value!r}: {state!r} {wrong}"
            then = "write the states with commas between them: DAYBOOK_SUCCESS_STATES=CLICKED,READ"
            raise UsageError(line, then=then)
    return tuple(states)


def _namespace(env: Mapping[str, str]) -> uuid.UUID | None:
    value = env.get("DAYBOOK_ID_NAMESPACE")
    if not value:
        return None
    try:
        return uuid.UUID(value)
    except ValueError:
        raise UsageError(f"setting DAYBOOK_ID_NAMESPACE={value!r} is not a UUID") from None
