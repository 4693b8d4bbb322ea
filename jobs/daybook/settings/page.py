"""When the day's page is to be there, and what its costs are reckoned by."""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from daybook.errors import UsageError
from daybook.settings.databases import settle
from daybook.settings.environment import whole


class CpuPrice(NamedTuple):
    """What an hour of one core costs."""

    per_hour: float
    currency: str


def page_due(env: Mapping[str, str] = os.environ) -> timedelta:
    """How long after a day's end the page of the next one is to be there, which waits for late writes, too.

    Raises:
        UsageError: one of the settings is malformed.
    """
    return settle(env) + timedelta(hours=whole(env, "DAYBOOK_PAGE_DUE_HOURS", 26, 1, 8760))


def cpu_price(env: Mapping[str, str] = os.environ) -> CpuPrice | None:
    """What an hour of one core costs where the jobs run, if somebody says it.

    Raises:
        UsageError: it is not a number and a currency.
    """
    value = env.get("DAYBOOK_CPU_HOUR_PRICE") or None
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ([A-Z]{3})", value)
    if not found:
        raise UsageError(f"setting DAYBOOK_CPU_HOUR_PRICE={value!r} is not a price such as '0.05 EUR'")
    return CpuPrice(float(found[1]), found[2])
