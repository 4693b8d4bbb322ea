"""All locked packages: Python's, Java's and those of npm, and which of them are in production."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from toolchain import jars, places

# What runs in production; all else builds, tests or measures.
SHIPPED = ("spark", "duckdb", "page", "airflow")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """A package in one version: its address as a purl, in whose locks it is, and its digest if it is one file."""

    purl: str
    locks: tuple[str, ...]
    sha256: str | None = None

    @property
    def is_shipped(self) -> bool:
        """Whether it is in production."""
        return any(lock in SHIPPED for lock in self.locks)


def locked() -> list[Package]:
    """Return every package of every lock, once."""
    found: dict[str, Package] = {}
    for each in (*_python(), *_java(), *_npm()):
        before = found.get(each.purl)
        found[each.purl] = Package(each.purl, (*before.locks, *each.locks), each.sha256) if before else each
    return [found[purl] for purl in sorted(found)]


def _python() -> Iterator[Package]:
    for lock in sorted(places.REQUIREMENTS.glob("*.txt")):
        for name, version in _PINNED.findall(lock.read_text(encoding="utf-8")):
            yield Package(str(PackageURL("pypi", None, name.lower(), version)), (lock.stem,))


def _java() -> Iterator[Package]:
    for jar in jars.locked():
        *group, artifact, version, _ = jar.path.split("/")
        yield Package(str(PackageURL("maven", ".".join(group), artifact, version)), (jar.use,), jar.sha256)


def _npm() -> Iterator[Package]:
    for lock in sorted(places.REQUIREMENTS.glob("*/package-lock.json")):
        for place, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
            if place:
                scope, _, name = entry.get("name", place.rpartition("node_modules/")[2]).rpartition("/")
                yield Package(str(PackageURL("npm", scope or None, name, entry["version"])), (lock.parent.name,))


def write(packages: list[Package], path: Path) -> None:
    """Write the bill of materials (CycloneDX 1.6); what is not in production is `excluded` there."""
    bom = Bom()
    for package in packages:
        purl = PackageURL.from_string(package.purl)
        digest = [HashType(alg=HashAlgorithm.SHA_256, content=package.sha256)] if package.sha256 else []
        bom.components.add(
            Component(
                type=ComponentType.LIBRARY,
                group=purl.namespace,
                name=purl.name,
                version=purl.version,
                purl=purl,
                bom_ref=package.purl,
                scope=ComponentScope.REQUIRED if package.is_shipped else ComponentScope.EXCLUDED,
                hashes=digest,
            )
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_to_file(str(path), allow_overwrite=True, indent=2)
