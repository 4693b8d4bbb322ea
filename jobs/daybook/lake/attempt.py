"""One try at writing a batch: what it wrote, what it proposes to make live, and how it tidies up."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from daybook.errors import DataError, DaybookError
from daybook.lake.manifest import File, TableEntry
from daybook.lake.paths import Dataset
from daybook.lake.store import Store
from daybook.log import log


@dataclass(frozen=True)
class Staged:
    """What an attempt wrote for one dataset: complete, counted, not yet live."""

    dataset: Dataset
    folder: str
    files: tuple[File, ...]
    rows: int
    schema: dict[str, str]
    seconds: float


@dataclass(frozen=True)
class DraftTable:
    """One table of a draft: staged rows, staged rejected rows, and the ledger that balanced."""

    staged: Staged
    ledger: dict[str, Any]
    rejected: Staged | None = None


@dataclass(frozen=True)
class Draft:
    """All that is to become live together: tables that were written, and those that are `kept` as they are live."""

    tables: dict[str, DraftTable]
    inputs: dict[str, Any]
    versions: dict[str, str]
    complete: bool = True
    origin: dict[str, Any] = field(default_factory=dict)
    kept: Mapping[str, TableEntry] = field(default_factory=dict)


@dataclass
class Attempt:
    """One try at writing a batch: an id nobody else has, and the folders written under it."""

    store: Store
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: float = field(default_factory=time.monotonic)
    folders: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool | None:
        """Take the attempt's folders away, whatever became of it."""
        for folder in self.folders:
            tidy(self.store, partial(_lies_in, folder), partial(self._left_in, folder))
        return None

    def _left_in(self, folder: str) -> list[str]:
        return list(self.store.sizes(folder))

    def folder(self, dataset: Dataset) -> str:
        """The folder this attempt may write the dataset into."""
        folder = dataset.attempt_folder(self.id)
        self.folders.append(folder)
        return folder


def _lies_in(folder: str, name: str) -> bool:
    return name.startswith(f"{folder}/")


def tidy(store: Store, owns: Callable[[str], bool], names: Callable[[], list[str]]) -> None:
    """Delete what no manifest names: the one way in which a run that publishes deletes anything.

    It harms nobody while it stays, so a failure here fails nothing.

    Raises:
        DataError: one of them is not the run's own, as `owns` tells; nothing is deleted.
    """
    try:
        found = names()
        foreign = next((name for name in found if not owns(name)), None)
        if foreign is None:
            store.delete(found)
    except DaybookError as error:
        log.warning("files of an ended attempt stay behind: %s", error)
    else:
        if foreign:
            raise DataError(f"{foreign}: not a file of this table and day, so nothing was deleted")
