"""When the day's page is to be there, and what its costs are reckoned by."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from daybook.settings.databases import settle
from daybook.settings.environment import optional, whole


class CpuPrice(NamedTuple):
    """What an hour of one core costs."""

    per_hour: float
    currency: str


def page_due(env: Mapping[str, str] = os.environ) -> timedelta:
    """How long after a day's end the page of the next one is to be there, which waits for late writes, too.

    Raises:
        UsageError: one of the settings is malformed.
    """
    return settle(env) + timedelta(hours=whole(env, "DAYBOOK_PAGE_DUE_HOURS"))


def cpu_price(env: Mapping[str, str] = os.environ) -> CpuPrice | None:
    """What an hour of one core costs where the jobs run, if somebody says it.

    Raises:
        UsageError: it is not a number and a currency.
    """
    value = optional(env, "DAYBOOK_CPU_HOUR_PRICE")
    if value is None:
        return None
    per_hour, currency = value.split()
    return CpuPrice(float(per_hour), currency)
