"""The object store as publication uses it: rights, conditional writes, deletes, lifecycle rules, clock."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from daybook.checks.looking import Check
from daybook.errors import UsageError
from daybook.lake.objects import ConflictError
from daybook.lake.store import Store
from daybook.settings import LakePlaces

AT_ONCE = 8
_APART = timedelta(minutes=1)
_LACKING = "use a store with conditional writes (docs/lake.md, “Which object store”)"


def checks(store: Store, places: LakePlaces) -> Iterator[Check]:
    """All checks of a store that answers, in each layer's place."""
    for layer in ("bronze", "silver", "gold"):
        root = getattr(places, layer)
        yield Check(f"object store, {layer}", lambda root=root: _writes(store, root))  # type: ignore[misc]
        yield Check(f"object store, rules of {layer}", lambda root=root: _rules(store, root))  # type: ignore[misc]
    yield Check("object store, clock", lambda: _clock(store, places.gold))


def reached(store: Store, places: LakePlaces) -> str:
    """List what one layer has.

    Raises:
        RetryableError: the store is not reached.
        UsageError: it refuses.
    """
    store.clock(places.gold)
    return places.where


def _writes(store: Store, root: str) -> str:
    """A race for one probe object, which is taken away again; of those who write at once exactly one may succeed."""
    probe = f"{root}/_check/{uuid.uuid4()}"
    try:
        won = _winners(store, probe, None)
        there = store.get(probe)
        again = _winners(store, probe, there.etag) if there else 0
        if (won, again) != (1, 1):
            line = f"of {AT_ONCE} who write at once {won} create an object, {again} replace it"
            raise UsageError(line, then=_LACKING)
    finally:
        store.delete([probe])
    if store.get(probe):
        raise UsageError("what is deleted is still there", then="see the bucket's rules (object lock, replication)")
    return f"{root}: of {AT_ONCE} who write at once one does; deletes hold"


def _winners(store: Store, probe: str, etag: str | None) -> int:
    def wins(writer: int) -> bool:
        try:
            store.put_if_unchanged(probe, f"{etag} {writer}".encode(), etag)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(wins, range(AT_ONCE)))


def _rules(store: Store, root: str) -> str:
    harm = store.harmful_rules(root)
    if harm:
        then = "take the rule out, or exclude the layer's prefix from it (docs/lake.md, “Rules of the buckets”)"
        raise UsageError("; ".join(harm), then=then)
    return "none takes live files away"


def _clock(store: Store, root: str) -> str:
    here, there = datetime.now(UTC), store.clock(root)
    if abs(here - there) > _APART:
        raise UsageError(
            f"its clock says {there:%Y-%m-%dT%H:%M:%SZ}, this machine's {here:%Y-%m-%dT%H:%M:%SZ}",
            then="set the clocks (NTP)",
        )
    return f"{there:%Y-%m-%dT%H:%M:%SZ}"
