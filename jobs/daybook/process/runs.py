"""Where the records of runs lie: in the store beside the layer that a job writes, or beside the warehouse file."""

import errno
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from daybook import code_version, days, settings
from daybook.lake.store import Store
from daybook.log import log
from daybook.records import metrics, run_record
from daybook.records.run_record import RunRecord, Sink
from daybook.settings import LakePlaces, beside

_FOLDER = "_runs"
_READS_AT_ONCE = 8


def begin(job: str, of_days: Sequence[date], place: Sink) -> None:
    """Begin the record of this process's run, kept at a place; and what is measured of it, if that is asked for.

    Raises:
        UsageError: the folder for the metrics does not exist.
    """
    file = settings.metrics_file(os.environ)
    run_record.begin(job, of_days, code_version(), [place, *([metrics.sink(file)] if file else [])])


def in_store(store: Store, root: str) -> Sink:
    """Below a layer's root."""
    return lambda record: store.put(f"{root}/{_FOLDER}/{record.name}", record.to_json())


def beside_warehouse(warehouse: Path) -> Sink:
    """In the folder of what is told of the warehouse; nowhere, if the warehouse is mounted to be read alone."""

    def write(record: RunRecord) -> None:
        try:
            _replace(_folder(warehouse) / record.name, record.to_json())
        except OSError as error:
            if error.errno != errno.EROFS:
                raise

    return write


def _replace(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with beside.replacing(place) as new:
        new.write_bytes(content)
        new.chmod(0o644)


def since(first: date, store: Store, places: LakePlaces, warehouse: Path) -> list[RunRecord]:
    """The records of all runs that began on this date or after it, in the order of their starts.

    Raises:
        DaybookError: the store does not answer, or refuses.
    """
    folders = [f"{root}/{_FOLDER}/{day}" for root in _roots(places) for day in days.through(first, days.today())]
    with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
        names = [name for found in pool.map(store.sizes, folders) for name in found]
        stored = zip(names, pool.map(store.get, names), strict=True)
        found = [(name, object_.body) for name, object_ in stored if object_]
    found += [(str(path), path.read_bytes()) for path in _files(warehouse, first)]
    return sorted(_records(found), key=lambda record: record.started_at)


def _roots(places: LakePlaces) -> list[str]:
    return [places.bronze, places.silver, places.gold]


def _folder(warehouse: Path) -> Path:
    return beside.folder(warehouse) / "runs"


def _files(warehouse: Path, first: date) -> Iterator[Path]:
    for folder in sorted(_folder(warehouse).glob("????-??-??")):
        if folder.name >= str(first):
            yield from sorted(folder.glob("*.json"))


def _records(found: Sequence[tuple[str, bytes]]) -> Iterator[RunRecord]:
    for name, stored in found:
        try:
            yield RunRecord.from_json(stored)
        except (ValueError, KeyError, TypeError):
            log.warning("%s: not the record of a run, left aside", name)
