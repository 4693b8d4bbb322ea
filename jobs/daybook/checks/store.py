"""The object store as publication uses it: rights, conditional writes, deletes, lifecycle rules, clock."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from daybook.checks.looking import SECONDS, Check, looked
from daybook.errors import UsageError
from daybook.failures.store import LACKING
from daybook.lake.objects import ConflictError
from daybook.lake.store import Store
from daybook.settings import LakePlaces

AT_ONCE = 8
_APART = timedelta(minutes=1)


class Probes:
    """The probe objects of a look that are still there."""

    def __init__(self) -> None:
        self.left: list[str] = []

    def new(self, root: str) -> str:
        """The name of another one, below a layer's place."""
        self.left.append(f"{root}/_check/{uuid.uuid4()}")
        return self.left[-1]

    def take_away(self, store: Store, probe: str) -> None:
        """Delete one."""
        store.delete([probe])
        self.left.remove(probe)


def checks(store: Store, places: LakePlaces, probes: Probes) -> Iterator[Check]:
    """All checks of a store that answers, in each layer's place."""
    for layer in ("bronze", "silver", "gold"):
        root = getattr(places, layer)
        yield Check(f"object store, {layer}", partial(_writes, store, root, probes))
        yield Check(f"object store, rules of {layer}", partial(_rules, store, root))
    yield Check("object store, clock", lambda: _clock(store, places.gold))


def reached(store: Store, places: LakePlaces) -> str:
    """List what one layer has.

    Raises:
        RetryableError: the store is not reached.
        UsageError: it refuses.
    """
    store.clock(places.gold)
    return places.where


def _writes(store: Store, root: str, probes: Probes) -> str:
    """A race for one probe object, which is taken away again; of those who write at once exactly one may succeed."""
    probe = probes.new(root)
    try:
        won = _winners(store, probe, None)
        there = store.get(probe)
        again = _winners(store, probe, there.etag) if there else 0
        if (won, again) != (1, 1):
            line = f"of {AT_ONCE} who write at once {won} create an object, {again} replace it"
            raise UsageError(line, then=LACKING)
    finally:
        probes.take_away(store, probe)
    if store.get(probe):
        raise UsageError("what is deleted is still there", then="see the bucket's rules (object lock, replication)")
    return f"{root}: of {AT_ONCE} who write at once one does; deletes hold"


def _winners(store: Store, probe: str, etag: str | None) -> int:
    def write(writer: int) -> str:
        try:
            store.put_if_unchanged(probe, f"{etag} {writer}".encode(), etag)
        except ConflictError:
            return ""
        return "won"

    writers = [Check(str(writer), partial(write, writer)) for writer in range(AT_ONCE)]
    found = list(looked(writers, 2 * SECONDS))
    for each in found:
        if each.wrong:
            raise each.wrong
    return len([each for each in found if each.words])


def _rules(store: Store, root: str) -> str:
    try:
        harm = store.harmful_rules(root)
    except UsageError as unknown:  # the right is one that no night needs
        return str(unknown)
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
