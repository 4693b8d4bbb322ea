"""How was it made? The batches of the day in all layers, as their manifests tell."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.lake import manifest
from daybook.lake.paths import Batch, Lake
from daybook.lake.store import Store
from daybook.page.facts import Made
from daybook.page.formatting import instant, short


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
        tuple(_made_with(of.inputs)),
    )


def _made_with(inputs: Mapping[str, Any]) -> Iterator[str]:
    """What else than data decided the content: the moment of the source, settings, exchange rates."""
    if snapshot := inputs.get("snapshot"):
        yield f"LSN {snapshot['lsn']}, taken at {instant(datetime.fromisoformat(snapshot['taken_at']))}"
    yield from (f"{name}={value}" for name, value in inputs.get("settings", {}).items())
    yield from (f"{currency} {rate}" for currency, rate in inputs.get("rates", {}).items())
