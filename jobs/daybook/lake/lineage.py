"""How manifests name those that they were made from: below the place of a layer, so that a lake can be moved.

Until manifest format 4 the names were full ones. Whatever reads lineage, of a manifest or of a warehouse file, asks
here, so that an old name and a new one of the same manifest are equal.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any


def below(manifest: str) -> str:
    """`<table>/<day>/_MANIFEST.json` of a manifest's name, full or not."""
    return "/".join(manifest.rsplit("/", 3)[-3:])


def day(manifest: str) -> date:
    """The day of a manifest, by its name."""
    return date.fromisoformat(manifest.split("/")[-2])


def inputs(found: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest's `inputs`; those of bronze name no manifests."""
    if "manifests" not in found:
        return dict(found)
    return {**found, "manifests": {below(name): etag for name, etag in found["manifests"].items()}}


def origin(found: Mapping[str, Any]) -> dict[str, Any]:
    """Gold's `origin`, in which the inputs of each manifest stand under its name; older ones may have none."""
    if "inputs" not in found:
        return dict(found)
    return {**found, "inputs": {below(name): inputs(of) for name, of in found["inputs"].items()}}
