"""Where the lake is."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from daybook.errors import UsageError
from daybook.settings.declared import DECLARED
from daybook.settings.environment import file, optional, text, told
from daybook.settings.one_client import check_store
from daybook.settings.places import check_apart

Layer = Literal["bronze", "silver", "gold"]
LAYERS: tuple[Layer, ...] = ("bronze", "silver", "gold")
# Java's rule: labels of letters, digits and inner hyphens; of several the last begins with a letter.
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}|(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True)
class LakePlaces:
    """Where the three layers and the object store are. Credentials are found by whoever opens it."""

    bronze: str
    silver: str
    gold: str
    endpoint: str | None

    @property
    def where(self) -> str:
        """The server, as an error names it."""
        return object_store(self.endpoint)


def object_store(endpoint: str | None) -> str:
    """The object store, as an error names it."""
    return f"object store {endpoint or 'of AWS'}"


def lake(env: Mapping[str, str] = os.environ, *, of: Sequence[Layer] = LAYERS) -> LakePlaces:
    """The lake's settings, of which a job needs the layers `of`: another's that is no place stops it not.

    Raises:
        UsageError: a layer of those is no `s3a://bucket[/prefix]`, or the endpoint no address; or a place that any
            setting names lies in another's; or a setting leads one of the store's clients elsewhere.
    """
    roots = {layer: text(env, f"DAYBOOK_{layer.upper()}") for layer in LAYERS}
    for layer in of:
        _check(f"DAYBOOK_{layer.upper()}", roots[layer])
    endpoint = optional(env, "AWS_ENDPOINT_URL_S3")
    check_store(env, endpoint)
    check_apart(env, {f"DAYBOOK_{layer.upper()}": root for layer, root in roots.items()})
    return LakePlaces(**roots, endpoint=endpoint)


def ca_bundle(env: Mapping[str, str] = os.environ) -> str | None:
    """The file of the CAs that sign the store's certificate, if it is named.

    Raises:
        UsageError: nothing is there.
    """
    return file(env, "AWS_CA_BUNDLE") or file(env, "REQUESTS_CA_BUNDLE")


def region(env: Mapping[str, str] = os.environ) -> str:
    """The region of the buckets, as boto3 is told it; S3A reads the same."""
    return text(env, "AWS_REGION")


def _check(name: str, root: str) -> None:
    """See that a layer's place is one that S3A can read."""
    bucket = re.fullmatch(r"s3a://([a-z0-9][\w.-]+)(?:/(?!\.{1,2}(?:/|$))[\w.-]+)*", root)
    if not bucket:
        raise UsageError(f"{told(name, root)} is not {DECLARED[name].form}")
    if not _HOST.fullmatch(bucket[1]):
        raise UsageError(
            f"{told(name, root)}: S3A reads a bucket's name as that of a host, which {bucket[1]} cannot be"
        )
