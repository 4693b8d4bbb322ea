"""Which days of a table are made together: small ones, up to a bound; a big one goes alone.

Planning a Spark job and starting it takes longer than computing a small day; a big one uses all cores by itself.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from daybook.settings import Bounds

BIG = 64_000_000  # bytes; one task makes a day of a pass of several


def passes(sizes: Iterable[tuple[date, int]], bounds: Bounds) -> Iterator[list[date]]:
    """The days, given with the bytes that they are made from, cut into passes, in their order."""
    together: list[date] = []
    total = 0
    for day, size in sizes:
        if size > BIG:
            yield [day]
            continue
        if together and (len(together) == bounds.days or total + size > bounds.bytes):
            yield together
            together, total = [], 0
        together.append(day)
        total += size
    if together:
        yield together
