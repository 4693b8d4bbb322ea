"""What is told of the warehouse, in a folder beside its file: pages and the records of runs."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
