"""How much a Spark job makes at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from daybook.settings.environment import whole

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Bounds:
    """The most days of a table in one pass, and the most bytes that they are made from, where those are known."""

    days: int
    bytes: int


def bounds(env: Mapping[str, str] = os.environ) -> Bounds:
    """The bounds of a pass.

    Raises:
        UsageError: one is no such number.
    """
    return Bounds(
        days=whole(env, "DAYBOOK_PASS_DAYS"),
        bytes=whole(env, "DAYBOOK_PASS_MEGABYTES") * _MEGABYTE,
    )
