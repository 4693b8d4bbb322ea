"""How a run names itself to the object store: whoever reads the store's log sees which run asked for what."""

from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import quote


def agent(job: str, days: Sequence[date] = (), places: Iterable[str] = ()) -> str:
    """`daybook-silver/2025-03-01..2025-03-03 (s3a://silver)`: the job, its days, and where it may write or delete.

    It is sent as part of `User-Agent`, by Python's client and by Java's.
    """
    span = f"/{min(days)}..{max(days)}" if days else ""
    named = quote(" ".join(places), safe=":/ ")  # a header holds no letters but those of ASCII
    return f"daybook-{job}{span}" + (f" ({named})" if named else "")
