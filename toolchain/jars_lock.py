"""Locking the jars: the Ivy inside pyspark resolves ivy.xml, and the checksums of the result are kept."""

import re
import tempfile
from pathlib import Path

from toolchain import jars, places
from toolchain.report import run_logged

IVY_FILE = Path(__file__).with_name("ivy.xml")
HEADER = "# Written by `make lock` from toolchain/ivy.xml: use, path in a Maven repository, SHA-256.\n"
LAYOUT = "[conf]/[organisation]/[artifact]/[revision]/[artifact]-[revision](-[classifier]).[ext]"


def write(java_home: Path) -> None:
    """Resolve ivy.xml afresh and write requirements/jars.txt.

    Ivy's user.home is an empty folder: a half-filled local Maven repository (a pom without its jar)
    would break the resolution.
    """
    ivy = next(iter((jars.pyspark("spark") / "jars").glob("ivy-*.jar")))
    places.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.cache()) as work:
        command = [str(java_home / "bin" / "java"), f"-Duser.home={work}/home", "-jar", str(ivy)]
        command += ["-m2compatible", "-ivy", str(IVY_FILE), "-cache", str(places.cache() / "ivy")]
        command += ["-retrieve", f"{work}/jars/{LAYOUT}"]
        command += ["-types", "jar", "bundle", "maven-plugin", "eclipse-plugin"]
        run_logged("resolving toolchain/ivy.xml", command, places.SETUP_LOGS / "ivy.log")
        lines = sorted(_lines(Path(work) / "jars"))
    jars.LOCK_FILE.write_text(HEADER + "".join(lines))


def _lines(resolved: Path) -> list[str]:
    """Return a lock line per resolved jar, but none for what pyspark brings itself."""
    own, lines = _bundled(), []
    for jar in resolved.rglob("*.jar"):
        use, organisation, *rest = jar.relative_to(resolved).parts
        if use != "spark" or artifact(jar.name) not in own:
            path = "/".join([organisation.replace(".", "/"), *rest])
            lines.append(f"{use} {path} {jars.digest(jar)}\n")
    return lines


def _bundled() -> set[str]:
    """Return the artifacts that pyspark's package lists as its own: set-up has put others beside them."""
    (record,) = jars.pyspark("spark").parent.glob("pyspark-*.dist-info/RECORD")
    names = re.findall(r"^pyspark/jars/([^/,]+\.jar),", record.read_text(), re.MULTILINE)
    return {artifact(name) for name in names}


def artifact(jar: str) -> str:
    """Return a jar's artifact name: what stands before the version."""
    return re.sub(r"-\d[\w.+-]*\.jar$", "", jar)
