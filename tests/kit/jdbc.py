"""DuckDB's JDBC driver in a JVM of its own.

Java as a page has it is compiled by Janino, which Spark brings: the Java here may be one that can only run.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

from toolchain import jars, setup

_OF_SPARK = ("janino-*.jar", "commons-compiler-*.jar", "py4j-*.jar")


def driver() -> Path:
    """The locked JDBC driver, as set-up has fetched it; none of Spark's jars."""
    [jar] = jars.cached("readers").glob("duckdb_jdbc-*.jar")
    return jar


def _java() -> str:
    return str(Path(setup.load().java_home) / "bin" / "java")


def _of_spark() -> list[str]:
    return [str(next((jars.pyspark("dev") / "jars").glob(name))) for name in _OF_SPARK]


def run(source: Path) -> subprocess.CompletedProcess[str]:
    """Compile and run a program: a file with one class, named like the file."""
    classes = os.pathsep.join([*_of_spark(), str(driver())])
    command = [_java(), "-cp", classes, "org.codehaus.janino.SimpleCompiler", str(source), source.stem]
    return subprocess.run(command, capture_output=True, text=True)


@contextmanager
def jvm() -> Iterator[Any]:
    """A JVM with the driver, until the block ends or this process does."""
    *_, bridge = _of_spark()
    port, token = launch_gateway(
        jarpath=bridge, classpath=str(driver()), java_path=_java(), die_on_exit=True, enable_auth=True
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token))
    try:
        yield gateway.jvm
    finally:
        gateway.shutdown()


def connect(java: Any, path: Path | str) -> Any:
    """A connection as the guide makes it."""
    read_only = java.java.util.Properties()
    read_only.setProperty("duckdb.read_only", "true")
    return java.java.sql.DriverManager.getConnection(f"jdbc:duckdb:{path}", read_only)


def first_row(warehouse: Any, query: str) -> tuple[Any, ...]:
    """The first row of an answer."""
    rows = warehouse.createStatement().executeQuery(query)
    rows.next()
    return tuple(rows.getObject(number + 1) for number in range(rows.getMetaData().getColumnCount()))
