"""Helm: the machine's own where it fits, else built once per user; and what a chart makes of our values."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import yaml

from toolchain import places, tools
from toolchain.report import LocalError, run_logged, say

VERSION = "v3.22.0"
MIN = (3, 19)  # what the official chart asks for


def program() -> Path:
    """Return Helm: the one on PATH, else one in the user's cache, built from source."""
    found = shutil.which("helm")
    told = subprocess.run([found, "version", "--short"], capture_output=True, text=True).stdout if found else ""
    version = re.search(r"v(\d+)\.(\d+)", told)
    if found and version and (int(version[1]), int(version[2])) >= MIN:
        return Path(found)
    cached = places.cache() / f"helm-{VERSION}"
    if not cached.exists():
        _build(cached)
    return cached


def _build(cached: Path) -> None:
    """Build Helm; the module's checksum is verified by Go's own checksum database."""
    go = tools.go()
    say(f"building Helm {VERSION}; this takes minutes, once")
    places.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.cache()) as building:
        env = {"GOBIN": building, "CGO_ENABLED": "0", "PATH": f"{go.parent}:{os.environ.get('PATH', '')}"}
        command = [str(go), "install", f"helm.sh/helm/v3/cmd/helm@{VERSION}"]
        run_logged("building Helm", command, places.SETUP_LOGS / "helm.log", env)
        tools.publish(Path(building) / "helm", cached)


def render(chart: Path, values: Path, *options: str) -> list[dict[str, Any]]:
    """Return the objects that a chart makes of a file of values, for the release and namespace `daybook`.

    Raises:
        LocalError: the folder is no chart, or the chart refuses the values.
    """
    if not (chart / "Chart.yaml").exists():
        raise LocalError(f"{chart} holds no Chart.yaml; name the folder of an unpacked chart")
    with tempfile.TemporaryDirectory() as work:
        copy = _without_absent_subcharts(chart, Path(work) / "chart")
        command = [str(program()), "template", "daybook", str(copy), "--namespace", "daybook", "--values", str(values)]
        done = subprocess.run([*command, *options], capture_output=True, text=True)
    if done.returncode != 0:
        raise LocalError(f"{chart} refuses {values}:\n{done.stderr}")
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def _without_absent_subcharts(chart: Path, copy: Path) -> Path:
    """Copy a chart; a database that is not used need not be there, though Helm would ask for it."""
    shutil.copytree(chart, copy)
    about = yaml.safe_load((copy / "Chart.yaml").read_text())
    present = {found.name.split("-")[0].removesuffix(".tgz") for found in (copy / "charts").glob("*")}
    about["dependencies"] = [found for found in about.get("dependencies", []) if found["name"] in present]
    (copy / "Chart.yaml").write_text(yaml.safe_dump(about))
    (copy / "Chart.lock").unlink(missing_ok=True)
    return copy
