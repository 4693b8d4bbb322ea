"""The chain of proof of a day: from the warehouse back to bronze, link by link, by ETag."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from daybook import commands, days
from daybook.contracts import FEED_NO_FIGURE, FIGURE_TABLES, LEDGER_TABLES, SOURCE_TABLES
from daybook.errors import DaybookError, RetryableError
from daybook.lake import live_files, manifest
from daybook.lake.manifest import ABSENT, Live
from daybook.lake.paths import Batch, Lake, Layer
from daybook.lake.store import Store
from daybook.log import log
from daybook.warehouse import engine, history
from daybook.warehouse.tabledays import TableDay, version_of

_LOOKS_AT_ONCE = 8
# What a layer is made from.
_SOURCE: dict[Layer, Layer] = {"silver": "bronze", "gold": "silver"}


@dataclass(frozen=True)
class Walked:
    """A chain that holds: how many manifests prove it, and which days around it had not ended when they were read."""

    manifests: int
    incomplete: tuple[date, ...] = ()


def verify(store: Store, lake: Lake, warehouse: Path, day: date) -> Walked:
    """Walk a day's chain: every table-day is there, made from what is live now, and loaded; all of its own is complete.

    The files that the manifests on the way name are looked for, too, with the bytes promised. A day around it that was
    read before it had ended makes the day no worse than one that is not there yet: it is provisional.

    That the steps before ended well says little: a driver may have vanished. This looks at what they were to leave.
    Nothing is written.

    Raises:
        RetryableError: a link is missing; names it, and the command that makes it.
        DataError: a manifest cannot be understood, or a file that one names is missing or of another size.
    """
    beside = _beside(store, lake, day)
    needed = [table for table in SOURCE_TABLES if table.name not in FEED_NO_FIGURE]
    silver = [_complete(*_live(store, lake.silver(table, day))) for table in needed]
    gold = [_live(store, lake.gold(table, day)) for table in FIGURE_TABLES]
    ledgers = [lake.gold(table, day) for table in LEDGER_TABLES]
    if any(live.manifest.has_ledgers for _, live in gold) or any(manifest.read(store, ledger) for ledger in ledgers):
        gold += [_live(store, ledger) for ledger in ledgers]
    else:
        log.warning("%s has no ledgers: gold made by an older Daybook -- next: %s", day, commands.gold(day, day))
    walked = dict([*silver, *gold])
    for made in [*silver, *gold]:
        walked |= _inputs(store, lake, *made)
    _check_files(store, walked)
    _check_loaded(warehouse, gold)
    walked |= beside
    around = {batch.day for batch, live in walked.items() if batch.layer == "silver" and not live.manifest.complete}
    return Walked(len(walked), tuple(sorted(around - {day})))


def _beside(store: Store, lake: Lake, day: date) -> dict[Batch, Live]:
    """Silver that feeds no figure, and what it was made from; a link that is missing there is a warning.

    Gold's ledger says the same: if it was made with that silver, the link is missed there.
    """
    walked: dict[Batch, Live] = {}
    for table in SOURCE_TABLES:
        if table.name in FEED_NO_FIGURE:
            try:
                batch, live = _live(store, lake.silver(table, day))
                found = {batch: live, **_inputs(store, lake, batch, live)}
                _check_files(store, {batch: live})  # those of bronze are looked for once, with the rest
                walked |= found
            except DaybookError as error:
                log.warning("%s; no figure of the day needs it -- next: %s", error, error.then)
    return walked


def _live(store: Store, batch: Batch) -> tuple[Batch, Live]:
    live = manifest.read(store, batch)
    if live is None:
        raise RetryableError(f"{batch}: there is no {batch.manifest}", then=batch.command)
    return batch, live


def _complete(batch: Batch, live: Live) -> tuple[Batch, Live]:
    """Silver of the day itself: gold needs no look, for it was made from what is live, which this is."""
    if not live.manifest.complete:
        again = commands.again(batch.day)
        then = again if batch.day < days.today() else f"when the day has ended: {again}"
        raise RetryableError(f"{batch}: read before the day had ended", then=then)
    return batch, live


def _inputs(store: Store, lake: Lake, made: Batch, live: Live) -> dict[Batch, Live]:
    """The batches it was made from, once each is seen to be live in just that version in this very lake."""
    found = {}
    for key, etag in live.manifest.inputs["manifests"].items():
        source = lake.named(_SOURCE[made.layer], key)
        now = manifest.read(store, source)
        if now is None and etag != ABSENT:
            line = f"{made}: made from {source}, which is gone: there is no {source.manifest}"
            todays = f"restore it, or read today's source: {source.command}"
            raise RetryableError(line, then=todays if source.layer == "bronze" else source.command)
        if now and now.etag != etag:
            raise RetryableError(f"{made}: {source} has changed since it was made", then=made.command)
        if now:
            found[source] = now
    return found


def _check_files(store: Store, walked: Mapping[Batch, Live]) -> None:
    """Look for every file of the batches, those of rejected rows, too."""
    every = [(batch, live, table) for batch, live in walked.items() for table in live.manifest.tables]
    with ThreadPoolExecutor(_LOOKS_AT_ONCE) as pool:
        list(pool.map(lambda of: live_files.check_files(store, *of), every))


def _check_loaded(path: Path, gold: Sequence[tuple[Batch, Live]]) -> None:
    load = commands.load(gold[0][0].day)
    if not path.exists():
        raise RetryableError(f"warehouse {path}: there is no such file", then=load)
    with engine.explaining(f"warehouse {path}"), engine.reader(path) as db:
        loaded = history.current(history.loads(db))
    for batch, live in gold:
        held = loaded.get(TableDay(batch.name, batch.day))
        if held != version_of(live, batch.name):
            holds = f"another version of {batch} than is live" if held else f"nothing of {batch}"
            raise RetryableError(f"warehouse {path}: holds {holds}", then=load)
