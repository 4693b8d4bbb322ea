"""The gold layer as the loader sees it: manifests, what has changed by them, and files brought here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError, RetryableError
from daybook.lake import live_files
from daybook.lake import manifest as manifests
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch
from daybook.lake.store import Store
from daybook.log import log
from daybook.warehouse.tabledays import Fetched, Making, TableDay, Version, making_of, version_of

_AT_ONCE = 8

Gold = dict[TableDay, Live]


def around(days: Collection[date], tables: Collection[GoldTable]) -> list[TableDay]:
    """All tables of the days of which a gold run for `days` may have written one."""
    made = sorted({day for table in tables for day in table.days_made_for(days)})
    return [TableDay(table.name, day) for table in tables for day in made]


def everything(store: Store, root: str, tables: Iterable[GoldTable]) -> list[TableDay]:
    """Every day that gold has of the tables."""
    return [TableDay(table.name, day) for table in tables for day in manifests.days_of(store, root, table.name)]


def published(store: Store, root: str, wanted: Iterable[TableDay]) -> Gold:
    """The live manifests of those of the table-days that have one.

    Raises:
        DataError: one of them cannot be understood.
    """
    batches = {_batch(root, of): of for of in wanted}
    found = manifests.read_all(store, list(batches))
    return {batches[batch]: live for batch, live in found.items() if live}


def understood(store: Store, root: str, wanted: Iterable[TableDay]) -> tuple[Gold, dict[date, DataError]]:
    """The live manifests of those of the table-days that have one; and the days of which one cannot be understood.

    Of such a day, which comes with the reason, none is among the manifests.
    """
    batches = {_batch(root, of): of for of in wanted}
    found, unread = manifests.understood(store, list(batches))
    bad = {batch.day: error for batch, error in unread.items()}
    return {batches[batch]: live for batch, live in found.items() if live and batch.day not in bad}, bad


def missing(gold: Gold, days: Collection[date], tables: Collection[GoldTable]) -> list[TableDay]:
    """What gold lacks of the days asked for, in any of the tables.

    Gold that an older Daybook made of a day has no ledgers, nor an origin. Gold that has one and no ledgers was made by
    the runs for other days alone: nothing can judge it.
    """
    with_ledgers = {of.day for of, live in gold.items() if manifests.OWN_RUN in live.manifest.origin}
    asked = [
        TableDay(table.name, day) for day in days for table in tables if not table.is_ledger or day in with_ledgers
    ]
    return [of for of in asked if of not in gold]


def not_published(missing: Sequence[TableDay]) -> RetryableError:
    """That gold lacks these, with the command that makes them."""
    first, last = missing[0].day, missing[-1].day
    names = ", ".join(str(of) for of in missing[:4]) + (" …" if len(missing) > 4 else "")
    return RetryableError(f"gold is not published: {names}", then=commands.gold(first, last))


def changed(gold: Gold, loaded: Mapping[TableDay, Version], facts: Mapping[TableDay, Making]) -> Gold:
    """The table-days whose manifest is not the one that was loaded; `facts` are what the file knows of their making.

    The number says little: gold that was deleted begins at 1 when it is made again. What was published before the one
    loaded is no successor: an older state of the store was put back. Of what an older Daybook loaded no time is known,
    and there a lower number says it.

    Raises:
        RetryableError: gold is older than what is loaded.
    """
    for of, live in gold.items():
        version, known = live.manifest.version, facts.get(of)
        if of not in loaded:
            continue
        if making_of(live).published_at < known.published_at if known else version < loaded[of].number:
            raise RetryableError(
                f"gold {of} is at version {version}, the warehouse already at {loaded[of].number}, published later",
                then=f"if an older state of gold was put back on purpose: {commands.REBUILD}",
            )
    return {of: live for of, live in gold.items() if of not in loaded or live.etag != loaded[of].etag}


def facts(store: Store, root: str, loaded: Mapping[TableDay, Version]) -> dict[TableDay, Making]:
    """What gold's manifests tell of those of the table-days whose loaded version is still the live one."""
    live, unread = understood(store, root, loaded)
    for day, error in sorted(unread.items()):
        log.warning("how gold of %s was made stays unknown: %s -- next: %s", day, error, error.then)
    return {of: making_of(found) for of, found in live.items() if found.etag == loaded[of].etag}


def fetch(store: Store, root: str, gold: Gold, folder: Path) -> tuple[list[Fetched], dict[date, DataError]]:
    """Bring the files of the table-days into `folder`, several at once; whole days, and why others are not.

    Raises:
        RetryableError: a file did not arrive with the bytes that its manifest promises.
    """

    def brought(of: TableDay) -> Fetched | DataError:
        try:
            return _fetch(store, root, of, gold[of], folder)
        except DataError as error:
            return error

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(gold, pool.map(brought, gold), strict=True))
    lost = {of.day: each for of, each in found.items() if isinstance(each, DataError)}
    return [each for each in found.values() if isinstance(each, Fetched) and each.of.day not in lost], lost


def _fetch(store: Store, root: str, of: TableDay, live: Live, folder: Path) -> Fetched:
    entry = live.manifest.tables[of.table]
    if entry.files:
        live_files.files_of(store, _batch(root, of), live, of.table)
    local = []
    for number, file in enumerate(entry.files):
        path = folder / f"{of.table}-{of.day}-{number:05d}.parquet"
        store.download(file.name, str(path))
        if path.stat().st_size != file.bytes:
            line = f"gold {of}: {file.name} arrived incomplete"
            raise RetryableError(line, then="run the same command again")
        local.append(str(path))
    return Fetched(of, version_of(live, of.table), entry.ledger, tuple(local), making_of(live))


def _batch(root: str, of: TableDay) -> Batch:
    return Batch("gold", root, of.table, of.day)
