"""What the object store gives and answers: an object, a list of objects, and how a conditional write can fail."""

from dataclasses import dataclass
from datetime import datetime

from daybook.errors import RetryableError


class ConflictError(RetryableError):
    """A conditional write found another state than the one it was made for."""


class UnknownOutcomeError(RetryableError):
    """Nobody knows what became of a conditional write: it may yet take effect."""


@dataclass(frozen=True)
class Stored:
    """An object's content and the ETag that names this very content."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class Found:
    """An object as the store lists it: its bytes, and when it was last written."""

    bytes: int
    written: datetime


@dataclass(frozen=True)
class Listed:
    """What there is by the store's own list, and the moment of the list by the store's own clock."""

    objects: dict[str, Found]
    at: datetime


def split(uri: str) -> tuple[str, str]:
    """`s3a://bucket/key` → bucket, key."""
    bucket, _, key = uri.removeprefix("s3a://").partition("/")
    return bucket, key
