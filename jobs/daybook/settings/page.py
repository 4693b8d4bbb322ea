"""When the day's page is to be there."""

import os
from collections.abc import Mapping
from datetime import timedelta

from daybook.settings.databases import settle
from daybook.settings.environment import whole


def page_due(env: Mapping[str, str] = os.environ) -> timedelta:
    """How long after a day's end the page of the next one is to be there, which waits for late writes, too.

    Raises:
        UsageError: one of the settings is malformed.
    """
    return settle(env) + timedelta(hours=whole(env, "DAYBOOK_PAGE_DUE_HOURS", 26, 1, 8760))
