"""The settings that change what the figures mean: declared, and as tables are made by them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from daybook.contracts.setting import Setting

# A rupiah buys little: the limit may need many digits. Beyond these an amount does not fit its type.
_HIGHEST_LIMIT = 10**12

MEANINGS: tuple[Setting, ...] = (
    Setting(
        "DAYBOOK_REPORTING_CURRENCY", "The currency that all money is told in.", default="EUR",
        pattern="[A-Z]{3}", like="three letters A-Z", field="reporting_currency",
    ),
    Setting(
        "DAYBOOK_RATE_MAX_AGE_DAYS", "For how many days after its valid_from an exchange rate is used.", "whole", "45",
        high=36_500, field="rate_max_age_days",
    ),
    Setting(
        "DAYBOOK_AMOUNT_LIMIT",
        "The highest plausible amount of a purchase, in the reporting currency. Silver rejects what is worth more.",
        "whole", "1000000", low=1, high=_HIGHEST_LIMIT, field="amount_limit", in_rules=True,
    ),
    Setting(
        "DAYBOOK_MAX_GAP_HOURS", "The longest gap between two events of a session that counts as time spent.",
        "hours", "24", low=1, high=24, field="max_gap",
    ),
    Setting(
        "DAYBOOK_ATTRIBUTION_HOURS", "For how long after its sending a notification can succeed.", "hours", "24",
        low=1, high=24, field="attribution",
    ),
    Setting(
        "DAYBOOK_SUCCESS_STATES",
        "The [states of a notification that are a success](gold.md#global_notif_impact_per_day), in either case.",
        "words", "CLICKED,READ,OPENED", field="success_states",
    ),
    Setting(
        "DAYBOOK_ID_NAMESPACE",
        "The namespace of the UUIDs that silver makes of integer ids. Needed where a source has"
        " [integer ids](sources.md).",
        "uuid", field="id_namespace",
    ),
    Setting(
        "DAYBOOK_DATE_ORDER",
        "How dates with slashes are read: 03/01/2025 is 3 January with `day_first`, 1 March with `month_first`.",
        "choice", "day_first", choices=("day_first", "month_first"), field="date_order", younger=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """The values of these settings, and the file of the exchange rates, whose rates enter a lineage day by day."""

    reporting_currency: str
    exchange_rates: Path
    rate_max_age_days: int
    amount_limit: int
    max_gap: timedelta
    attribution: timedelta
    success_states: tuple[str, ...]
    date_order: str
    id_namespace: uuid.UUID | None

    @property
    def month_first(self) -> bool:
        """Whether of a date with slashes the month is first."""
        return self.date_order == "month_first"

    @property
    def in_rules(self) -> dict[str, str]:
        """The values that a rule may name, by field."""
        return {setting.field: str(getattr(self, setting.field)) for setting in MEANINGS if setting.in_rules}

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """The values of the named settings as text, for an input fingerprint.

        A setting that is younger than the lake is there only where it is not its default: what was made before it came
        is made under just that, and stays.
        """
        values = {setting.name: _text(getattr(self, setting.field)) for setting in MEANINGS}
        return {name: values[name] for name in names if values[name] != YOUNGER.get(name)}


def _text(value: object) -> str:
    """A value as lineage has it: the order of words has no meaning."""
    return ",".join(sorted(value)) if isinstance(value, tuple) else str(value)


# Each with the value under which everything before it was made.
YOUNGER = {setting.name: _text(setting.value(setting.default)) for setting in MEANINGS if setting.younger}
