"""The Java libraries of each use: downloaded once by locked checksum, then used offline.

Uses are Spark, Cassandra, the warehouse's JDBC readers, and DSBulk, which only a benchmark asks for.
"""

import hashlib
import os
import re
import shutil
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from toolchain import places
from toolchain.report import LocalError
from toolchain.tools import publish

LOCK_FILE = places.REQUIREMENTS / "jars.txt"
CONF = places.ROOT / "conf"
CONF_FILES = ("spark-defaults.conf", "spark-env.sh", "log4j2.properties")
WITH_SPARK = ("spark", "dev")
ATTEMPTS = 3


@dataclass(frozen=True)
class Jar:
    """One line of the lock: who needs the jar, its path in a Maven repository, its SHA-256."""

    use: str
    path: str
    sha256: str


def locked() -> list[Jar]:
    """Return the lock's lines."""
    lines = LOCK_FILE.read_text().splitlines()
    return [Jar(*line.split()) for line in lines if line and not line.startswith("#")]


def cached(use: str) -> Path:
    """Return the folder with the jars of a use, filled or not yet."""
    return places.cache() / f"jars-{use}-{places.fingerprint([], *map(str, _of(use)))}"


def missing(*uses: str) -> list[str]:
    """Return those of the uses whose jars are not in the cache."""
    return [use for use in uses if not cached(use).exists()]


def download(*uses: str) -> None:
    """Fetch the locked jars of the uses into the user's cache; MAVEN_REPOSITORY names a mirror of Maven Central."""
    places.cache().mkdir(parents=True, exist_ok=True)
    for use in missing(*uses):
        _download(use)


def _of(use: str) -> list[Jar]:
    return [jar for jar in locked() if jar.use == use]


def _download(use: str) -> None:
    repository = os.environ.get("MAVEN_REPOSITORY") or central()
    with tempfile.TemporaryDirectory(dir=places.cache()) as work, ThreadPoolExecutor(8) as pool:
        building = Path(work) / "jars"
        list(pool.map(lambda jar: _fetch(repository, jar, building / Path(jar.path).name), _of(use)))
        publish(building, cached(use))


def central() -> str:
    """Return the address of Maven Central, which the Ivy inside pyspark was compiled with."""
    ivy = next(iter((pyspark("spark") / "jars").glob("ivy-*.jar")))
    with zipfile.ZipFile(ivy) as classes:
        resolver = classes.read("org/apache/ivy/plugins/resolver/IBiblioResolver.class")
    found = re.search(rb"https://[\w.-]+/maven2", resolver)
    if found is None:
        raise LocalError(f"{ivy} names no Maven repository; set MAVEN_REPOSITORY")
    return found.group().decode()


def _fetch(repository: str, jar: Jar, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    url = f"{repository}/{jar.path}"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=60) as reply, target.open("wb") as out:
                shutil.copyfileobj(reply, out, 1 << 20)
            break
        except OSError as problem:
            if attempt == ATTEMPTS:
                raise LocalError(f"cannot download {url}: {problem}; run the same command again") from problem
            time.sleep(attempt)
    if digest(target) != jar.sha256:
        raise LocalError(f"{url} is not the file that {LOCK_FILE} locks: its SHA-256 differs; do not use it")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pyspark(env: str) -> Path:
    """Return the pyspark package of an environment."""
    found = sorted(places.environment(env).glob("lib/python3.*/site-packages/pyspark"))
    if not found:
        raise LocalError(f"no pyspark in {places.environment(env)}; run: make clean up")
    return found[0]


def install(environments: Iterable[str] = WITH_SPARK) -> None:
    """Put jars and settings inside pyspark, so that a bare spark-submit finds them without a flag."""
    for env in environments:
        home = pyspark(env)
        for jar in sorted(cached("spark").glob("*.jar")):
            _link_or_copy(jar, home / "jars" / jar.name)
        (home / "conf").mkdir(exist_ok=True)
        for name in CONF_FILES:
            link = home / "conf" / name
            link.unlink(missing_ok=True)
            if name.endswith(".sh") and any(map(str.isspace, str(link))):
                continue  # Spark's own script could not load it from there
            link.symlink_to(CONF / name)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # the cache may be on another file system
        shutil.copy2(source, target)
