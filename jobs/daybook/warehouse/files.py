"""The warehouse file as a file: its neighbours, the lock, and the swap."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from daybook.errors import RetryableError, UsageError
from daybook.log import log
from daybook.settings import beside
from daybook.spark.scratch import FULL
from daybook.warehouse import rights

_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_SUCH_PLACE = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP)


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn what the file system may raise into the project's errors.

    Raises:
        UsageError: the place is not to be written to.
        RetryableError: anything else, such as a full disk.
    """
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        line = f"warehouse {path}: {error.strerror or error}{where}"
        if error.errno in _DENIED + _NO_SUCH_PLACE:
            then = "make the folder writable, or set DUCKDB_PATH to another place"
            raise UsageError(line, then=then) from error
        room = f"make room in {path.parent}, or set DUCKDB_PATH to another place, then run the same command again"
        raise RetryableError(line, then=room if error.errno in FULL else None) from error


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Keep every other loader of the same file away; one that was killed leaves nothing that blocks.

    The lock file stays when the lock is gone: deleting it would let two loaders hold "the" lock at once.

    Raises:
        RetryableError: another loader is at work.
    """
    with open(_beside(path, beside.LOCK), "a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "not known"
            raise RetryableError(
                f"warehouse {path}: another load is at work (process {holder}, lock {lock.name})",
                then="run the same command again when it has ended",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextmanager
def workspace(path: Path) -> Iterator[Path]:
    """A private folder beside the file, gone afterwards: for downloads, what DuckDB spills, and the next version.

    It lies there because a rename is atomic only within a file system.
    """
    folder = _beside(path, beside.LOADING)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(path: Path) -> None:
    """Delete what a killed loader left. To be called under the lock only."""
    if _beside(path, beside.LOADING).exists():
        shutil.rmtree(_beside(path, beside.LOADING))
    built = _beside(path, beside.BUILDING)  # where the first release built, open to all
    for leftover in (built, *_wals(built)):
        leftover.unlink(missing_ok=True)


def has_wal(path: Path) -> bool:
    """Whether a write-ahead log lies beside the live file."""
    return any(wal.exists() for wal in _wals(path))


def drop_wal(path: Path) -> None:
    """Delete a write-ahead log beside the live file: DuckDB would replay it into any successor.

    The loader leaves none: it holds what somebody else, who opened the file for writing, wrote last.
    """
    for wal in _wals(path):
        if wal.exists():
            log.warning("warehouse %s: somebody wrote into the file; %s is dropped", path, wal.name)
            wal.unlink()


def set_aside(path: Path) -> None:
    """Give a file that this package did not make a second name, before the first one is taken over."""
    kept = _beside(path, f".replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}")
    os.link(path, kept)
    log.warning("warehouse %s: the file found there was not Daybook's; it is kept as %s", path, kept.name)


def swap_in(new: Path, path: Path) -> None:
    """Make `new` the live file, for those who could read the old one: at every instant, one of them is there whole.

    Raises:
        UsageError: the rights of the old file cannot be given to the new one.
    """
    if path.exists():
        rights.keep(path, new)
    else:
        rights.begin(new, path)
    _sync(new)
    os.replace(new, path)
    _sync(path.parent)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _wals(path: Path) -> list[Path]:
    return [_beside(path, suffix) for suffix in beside.WALS]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
