"""Where everything in the lake is: the one place that spells a path."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from daybook import commands
from daybook.contracts import CASSANDRA_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import POSTGRES_BATCH, SourceTable
from daybook.settings import LakePlaces, storage

Layer = storage.Layer
Format = Literal["csv", "parquet"]
FORMATS: dict[Layer, Format] = {"bronze": "csv", "silver": "parquet", "gold": "parquet"}
SUFFIX: dict[Format, str] = {"csv": "csv", "parquet": "zstd.parquet"}
_MANIFEST = "_MANIFEST.json"
_IN_A_TABLE_DAY = re.compile(r"(?:_rejected/)?(?P<table>[^/]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})/(?P<rest>.+)")
_ALONE = {table.name for table in CASSANDRA_TABLES}


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

    layer: Layer
    root: str
    name: str
    day: date

    @property
    def manifest(self) -> str:
        """The manifest's place."""
        return f"{self.root}/{self.key}"

    @property
    def key(self) -> str:
        """The manifest's name below the layer's place: so the layer above names it."""
        return f"{self.name}/{self.day}/{_MANIFEST}"

    @property
    def command(self) -> str:
        """The command that makes it."""
        return commands.make(self.layer, self.name, self.day)

    def dataset(self, table: str) -> Dataset:
        """The files of one of its tables."""
        return Dataset(self.root, table, self.day, FORMATS[self.layer])

    def rejected(self, table: str) -> Dataset:
        """The files of the rows of a table that were rejected."""
        return Dataset(self.root, table, self.day, FORMATS[self.layer], prefix="_rejected/")

    def owns(self, name: str) -> bool:
        """Whether the object of this full name lies in a table-day of the batch: all that a run for it may delete.

        Live files, rejected rows and attempts do; its manifest does not, which is only ever replaced.
        """
        below = name.removeprefix(f"{self.root}/")
        found = _IN_A_TABLE_DAY.fullmatch(below)
        if not found or below == name or {"", ".", ".."} & set(below.split("/")):
            return False
        shared = self.name == POSTGRES_BATCH and found["table"] not in _ALONE
        return (found["table"] == self.name or shared) and (
            found["day"] == str(self.day) and found["rest"] != _MANIFEST
        )

    def __str__(self) -> str:
        """As a person names it."""
        return f"{self.layer} {self.name} {self.day}"


@dataclass(frozen=True)
class Lake:
    """The batch that holds a table-day, in each layer."""

    places: LakePlaces

    def bronze(self, table: SourceTable, day: date) -> Batch:
        """The bronze batch of a source table, which others may share."""
        return Batch("bronze", self.places.bronze, table.batch, day)

    def silver(self, table: SourceTable, day: date) -> Batch:
        """The silver batch of a source table."""
        return Batch("silver", self.places.silver, table.name, day)

    def gold(self, table: GoldTable, day: date) -> Batch:
        """The batch of a gold table."""
        return Batch("gold", self.places.gold, table.name, day)

    def named(self, layer: Layer, key: str) -> Batch:
        """The batch whose manifest has this name below its layer's place."""
        return batch_of(layer, f"{getattr(self.places, layer)}/{key}")


def batch_of(layer: Layer, manifest: str) -> Batch:
    """The batch whose manifest has this name."""
    root, name, day, _ = manifest.rsplit("/", 3)
    return Batch(layer, root, name, date.fromisoformat(day))
