"""What a test does to a lake itself: table-days of its own by the protocol of the jobs, and manifests changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast

import duckdb

from daybook import rates, settings
from daybook.context import Context, Figures
from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.errors import DaybookError
from daybook.lake.attempt import Attempt, Draft, DraftTable, Staged
from daybook.lake.manifest import File, Live
from daybook.lake.paths import Batch, Lake
from daybook.lake.publish import Outcomes, Proposal, Publication, Published
from daybook.lake.store import Store
from tests.kit.harness import Daybook

Change = Callable[[bytes], bytes]
Make = Callable[[Attempt, Live | None], Draft | None]
MakeAll = Callable[[Attempt, Mapping[Batch, Live | None]], Mapping[Batch, Proposal]]


def published(store: Store, batch: Batch, make: Make) -> Published:
    """Publish what is made of one batch; raise why nothing was."""
    outcome = published_together(store, [batch], lambda attempt, lives: {batch: make(attempt, lives[batch])})[batch]
    if isinstance(outcome, DaybookError):
        raise outcome
    return outcome


def published_together(store: Store, batches: Sequence[Batch], make: MakeAll) -> Outcomes:
    """Publish what is made of the batches, in one pass."""
    publication = Publication(store, batches)
    for attempt in publication.tries():
        with attempt:
            attempt.propose(make(attempt, attempt.lives))
    return publication.outcomes


def publish_rows(store: Store, batch: Batch, query: str, folder: Path) -> None:
    """Publish a table-day whose rows DuckDB's answer to the query is, as if made with today's settings and rates."""
    table, file = batch.name, folder / f"{batch.name}.parquet"
    duckdb.sql(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    counted = duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchone()
    assert counted
    rows = int(counted[0])

    def make(attempt: Attempt, live: Live | None) -> Draft:
        dataset = batch.dataset(table)
        name = f"{attempt.folder(dataset)}/part-0"
        store.put_if_unchanged(name, file.read_bytes(), None)
        staged = Staged(dataset, dataset.base, (File(name, file.stat().st_size, rows),), rows, {}, 0.1)
        counts = {"bronze": rows, "silver": rows, "rejected": 0, "duplicates": 0, "rejected_by_reason": {}}
        ledger = counts if batch.layer == "silver" else {}
        return Draft({table: DraftTable(staged, ledger)}, _inputs(store, table, batch.day), {})

    published(store, batch, make)


def _inputs(store: Store, table: str, day: date) -> dict[str, Any]:
    """What a table-day would be made from, but for the manifests: gold reads no silver of another meaning."""
    meaning = settings.meaning()
    listed = rates.load(meaning.exchange_rates, meaning.reporting_currency, meaning.rate_max_age_days)
    contracts: tuple[SourceTable | GoldTable, ...] = (*SOURCE_TABLES, *GOLD_TABLES)
    contract = next(found for found in contracts if found.name == table)
    figures = Figures(meaning, listed)
    ctx = Context(cast(Any, None), store, Lake(settings.lake()), lambda: figures, settings.bounds())
    return ctx.inputs(contract, day, {})


@contextmanager
def changed(daybook: Daybook, name: str, change: Change | None) -> Iterator[None]:
    """A manifest of the lake, changed or (with None) gone until the block ends."""
    stored = daybook.store.get(name)
    assert stored
    daybook.store.delete([name])
    if change:
        daybook.store.put_if_unchanged(name, change(stored.body), None)
    try:
        yield
    finally:
        daybook.store.delete([name])
        daybook.store.put_if_unchanged(name, stored.body, None)
