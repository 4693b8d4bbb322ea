"""The words of the warehouse: a table-day, the version of it that is known, and its files at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from daybook.lake.manifest import Live


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
class Fetched:
    """A published table-day with its Parquet files on the local disk and the ledger they must agree with."""

    of: TableDay
    version: Version
    ledger: Mapping[str, Any]
    files: tuple[str, ...]


def version_of(live: Live, table: str) -> Version:
    """The version a gold manifest stands for."""
    return Version(live.manifest.version, live.etag, live.manifest.tables[table].rows)
