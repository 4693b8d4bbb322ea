"""What lies beside the warehouse file: the folder of its pages and the records of runs, and what loads need."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

LOCK, LOADING, BUILDING = ".lock", ".loading", ".building"  # the last is the first release's
WALS = (".wal", ".wal.checkpoint", ".wal.recovery")


def of_loads(warehouse: Path) -> list[PurePath]:
    """All that loads and pages write, replace or delete: the file, what bears its name, and the folder."""
    file = warehouse.resolve()
    endings = ("", LOCK, LOADING, BUILDING, *WALS, *(f"{BUILDING}{wal}" for wal in WALS))
    return [*(file.with_name(f"{file.name}{ending}") for ending in endings), folder(warehouse)]


def folder(warehouse: Path) -> Path:
    """Where it lies; if the file's name is a link, beside what it leads to."""
    return warehouse.resolve().parent / "daybook"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file to fill, which takes its place in one step when the block ends well, and is gone when it does not.

    Only its owner may read it, until the block says otherwise.

    Raises:
        OSError: the folder is missing, full, or not to be written to.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    new = Path(name)
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
