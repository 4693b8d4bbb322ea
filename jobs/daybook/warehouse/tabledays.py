"""The words of the warehouse: a table-day, the version of it that is known, and its files at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from daybook.lake import lineage
from daybook.lake.manifest import ABSENT, Live


@dataclass(frozen=True, order=True)
class TableDay:
    """One gold table for one UTC day."""

    table: str
    day: date

    def __str__(self) -> str:
        """As a person names it."""
        return f"{self.table} {self.day}"


@dataclass(frozen=True)
class Version:
    """Which publication of a table-day: the manifest's version number, its ETag, and the rows it promises."""

    number: int
    etag: str
    rows: int


@dataclass(frozen=True)
class Making:
    """What the manifest of a table-day tells of its making.

    `absent` are the days whose silver it reads, and that had none then; `origin` is the manifest's own.
    """

    published_at: datetime
    is_complete: bool
    absent: tuple[date, ...]
    origin: Mapping[str, Any]


@dataclass(frozen=True)
class Fetched:
    """A published table-day with its Parquet files on the local disk and the ledger they must agree with."""

    of: TableDay
    version: Version
    ledger: Mapping[str, Any]
    files: tuple[str, ...]
    facts: Making | None = None


def version_of(live: Live, table: str) -> Version:
    """The version a gold manifest stands for."""
    return Version(live.manifest.version, live.etag, live.manifest.tables[table].rows)


def making_of(live: Live) -> Making:
    """What a gold manifest tells of the making of its table-day."""
    manifest = live.manifest
    absent = {lineage.day(key) for key, etag in manifest.inputs["manifests"].items() if etag == ABSENT}
    return Making(
        datetime.fromisoformat(manifest.published_at), manifest.complete, tuple(sorted(absent)), manifest.origin
    )
