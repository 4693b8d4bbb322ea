"""Where everything in the lake is: the one place that spells a path."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Format = Literal["csv", "parquet"]
_POSTGRES = "_postgres"
SUFFIX: dict[Format, str] = {"csv": "csv", "parquet": "zstd.parquet"}


@dataclass(frozen=True)
class Dataset:
    """The files of one table (or of its rejected rows) for one day."""

    root: str
    table: str
    day: date
    format: Format
    prefix: str = ""

    @property
    def base(self) -> str:
        """The table-day's folder."""
        return f"{self.root}/{self.prefix}{self.table}/{self.day}"

    @property
    def folder(self) -> str:
        """The folder of live files: what a plain reader opens."""
        return f"{self.base}/{self.table}.{self.format}"

    def attempt_folder(self, attempt: str) -> str:
        """The folder only this attempt writes into."""
        return f"{self.base}/_attempts/{attempt}"

    def live_file(self, attempt: str, number: int) -> str:
        """The final name of an attempt's n-th file."""
        return f"{self.folder}/{attempt}-{number:05d}.{SUFFIX[self.format]}"


@dataclass(frozen=True)
class Batch:
    """What is published together under one manifest."""

    layer: str
    root: str
    name: str
    day: date

    @property
    def manifest(self) -> str:
        """The manifest's place."""
        return f"{self.root}/{self.name}/{self.day}/_MANIFEST.json"

    @property
    def command(self) -> str:
        """The command that makes it."""
        job = self.layer
        if job == "bronze":
            job = "extract_postgres" if self.name == _POSTGRES else "extract_cassandra"
        return f"spark-submit jobs/{job}.py --ds {self.day}"

    def __str__(self) -> str:
        """As a person names it."""
        return f"{self.layer} {self.name} {self.day}"


def batch_of(layer: str, manifest: str) -> Batch:
    """The batch whose manifest has this name."""
    root, name, day, _ = manifest.rsplit("/", 3)
    return Batch(layer, root, name, date.fromisoformat(day))


def postgres_batch(root: str, day: date) -> Batch:
    """The five PostgreSQL tables of a day in bronze: one snapshot, one manifest."""
    return Batch("bronze", root, _POSTGRES, day)


def rejected(root: str, table: str, day: date) -> Dataset:
    """Where silver keeps a table-day's rejected rows."""
    return Dataset(root, table, day, "parquet", prefix="_rejected/")
