"""MinIO, built once per user from its last upstream release: no package registry carries the server."""

import os
import tempfile
from pathlib import Path

from toolchain import places
from toolchain.report import bar, run_logged
from toolchain.tools import publish

VERSION = "v0.0.0-20260212201848-7aac2a2c5b7c"
PACKAGES = 1300  # that Go compiles for it


def cached() -> Path:
    """Return where the server's program is, or will be."""
    return places.cache() / f"minio-{VERSION}"


def build(go: Path) -> None:
    """Build the server with `go`; the module's checksum is verified by Go's own checksum database."""
    places.cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.cache()) as building:
        env = {"GOBIN": building, "CGO_ENABLED": "0", "PATH": f"{go.parent}:{os.environ.get('PATH', '')}"}
        command = [str(go), "install", "-v", f"github.com/minio/minio@{VERSION}"]
        with bar("MinIO, built from source", PACKAGES) as advance:
            log = places.SETUP_LOGS / "minio.log"
            run_logged("building MinIO", command, log, env, each=lambda line: line.startswith("go: ") or advance())
        publish(Path(building) / "minio", cached())
