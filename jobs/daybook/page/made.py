"""How was it made? The batches of the day in all layers, as their manifests tell."""

from collections.abc import Iterator
from datetime import date, datetime

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.lake import manifest
from daybook.lake.paths import Batch, Lake
from daybook.lake.store import Store
from daybook.page.facts import Made
from daybook.page.words import short


def of_day(store: Store, lake: Lake, day: date) -> tuple[Made, ...]:
    """What is published of the day, bronze first."""
    found = manifest.read_all(store, list(dict.fromkeys(_batches(lake, day))))
    return tuple(_made(batch, live.manifest) for batch, live in found.items() if live)


def _batches(lake: Lake, day: date) -> Iterator[Batch]:
    yield from (lake.bronze(table, day) for table in SOURCE_TABLES)
    yield from (lake.silver(table, day) for table in SOURCE_TABLES)
    yield from (lake.gold(table, day) for table in GOLD_TABLES)


def _made(batch: Batch, of: manifest.Manifest) -> Made:
    return Made(
        batch.layer,
        batch.name,
        of.version,
        datetime.fromisoformat(of.published_at),
        sum(table.rows for table in of.tables.values()),
        sum(table.bytes for table in of.tables.values()),
        of.seconds,
        of.complete,
        short(of.code_version),
        batch.command,
    )
