"""The lock of the jars, and the scripts that make the tables."""

import re
import urllib.request
from pathlib import Path

import pytest

from daybook.contracts import CASSANDRA_TABLES
from local.accounts.cassandra import SCHEMA_FILE, statements
from toolchain import jars, jars_lock, places
from toolchain.report import LocalError


def test_every_line_of_the_lock_is_whole() -> None:
    locked = jars.locked()
    assert {jar.use for jar in locked} == {"spark", "cassandra", "readers", "dsbulk"}
    assert all(jar.path.endswith(".jar") and len(jar.sha256) == 64 for jar in locked)
    assert len({(jar.use, Path(jar.path).name) for jar in locked}) == len(locked)


def test_the_readers_jdbc_driver_is_of_the_loaders_duckdb_and_not_among_sparks_jars() -> None:
    [driver] = [jar for jar in jars.locked() if jar.use == "readers"]
    [version] = re.findall(r"^duckdb==(\S+)", (places.REQUIREMENTS / "duckdb.txt").read_text(), re.MULTILINE)
    assert driver.path == f"org/duckdb/duckdb_jdbc/{version}.0/duckdb_jdbc-{version}.0.jar"
    assert not any(list((jars.pyspark(env) / "jars").glob("duckdb*")) for env in jars.WITH_SPARK)


def test_a_jar_that_is_not_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "a-1.jar").write_bytes(b"forged")
    monkeypatch.setenv("MAVEN_REPOSITORY", repository.as_uri())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jars, "locked", lambda: [jars.Jar("spark", "a-1.jar", "0" * 64)])
    with pytest.raises(LocalError, match="SHA-256 differs"):
        jars.download("spark")
    assert list(places.cache().iterdir()) == []


def test_only_the_jars_of_a_use_that_is_asked_for_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a-1.jar").write_bytes(b"a")
    monkeypatch.setenv("MAVEN_REPOSITORY", tmp_path.as_uri())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    locked = [jars.Jar("spark", "a-1.jar", jars.digest(tmp_path / "a-1.jar")), jars.Jar("dsbulk", "b-1.jar", "0" * 64)]
    monkeypatch.setattr(jars, "locked", lambda: locked)
    jars.download("spark")
    assert [jar.name for jar in jars.cached("spark").iterdir()] == ["a-1.jar"]
    assert not jars.cached("dsbulk").exists()


def test_a_jar_that_cannot_be_fetched_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", away)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(LocalError, match=r"cannot download https://\S+\.jar: no route to host"):
        jars.download("spark")


@pytest.mark.parametrize(
    ("jar", "artifact"),
    [
        ("metrics-core-4.1.18.jar", "metrics-core"),
        ("spark-hadoop-cloud_2.12-3.5.8.jar", "spark-hadoop-cloud_2.12"),
        ("netty-all-4.1.119.Final.jar", "netty-all"),
        ("java-driver-shaded-guava-25.1-jre-graal-sub-1.jar", "java-driver-shaded-guava"),
    ],
)
def test_the_artifact_is_what_stands_before_the_version(jar: str, artifact: str) -> None:
    assert jars_lock.artifact(jar) == artifact


def test_a_script_is_cut_into_statements() -> None:
    assert statements("-- a; comment\nCREATE A;\n\nCREATE\n B;\n") == ["CREATE A", "CREATE\n B"]
    assert len(statements(SCHEMA_FILE.read_text())) == len(CASSANDRA_TABLES)
