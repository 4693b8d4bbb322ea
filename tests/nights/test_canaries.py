"""No value of a source's row, and no secret, is in anything that a failing run leaves behind.

Each way to fail is a process of its own, with Spark's loggers and an event log, and a customer's defaults that ask
Spark to say more.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit import canaries as kit
from tests.kit.harness import Daybook
from toolchain import setup
from toolchain.jars import CONF

DAY = "2025-01-15"
TRUSTSTORE_PASSWORD = "changeit-canary-5e1f"
LOUD = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c: %m%n%ex
"""


@pytest.fixture(scope="module")
def loud(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A customer's SPARK_CONF_DIR: our defaults, with a log of their own that says everything, with exceptions."""
    folder = tmp_path_factory.mktemp("conf")
    ours = (CONF / "spark-defaults.conf").read_text()
    (folder / "spark-defaults.conf").write_text(f"{ours}\nspark.log.level DEBUG\n")
    (folder / "log4j2.properties").write_text(LOUD)
    return {"SPARK_CONF_DIR": str(folder)}


@pytest.fixture(scope="module")
def views(daybook: Daybook) -> Iterator[None]:
    with kit.views(daybook):
        yield


def truststore() -> dict[str, str]:
    """A truststore's password is in the environment of whoever does not read Cassandra, too."""
    trusted = f"{setup.load().java_home}/lib/security/cacerts"
    return {"CASSANDRA_SSL_TRUSTSTORE": trusted, "CASSANDRA_SSL_TRUSTSTORE_PASSWORD": TRUSTSTORE_PASSWORD}


@pytest.mark.parametrize("way", kit.VIEWS)
def test_a_view_that_fails_over_a_row_leaves_nothing_of_it(
    daybook: Daybook, views: None, loud: dict[str, str], tmp_path: Path, way: str
) -> None:
    lake = daybook.own_lake(kit.schema(way))
    changes = {**lake, **loud, **truststore(), "PG_SCHEMA": kit.schema(way), "DAYBOOK_EVENT_LOG": str(tmp_path)}
    ended = daybook.submit("extract_postgres", "--ds", DAY, **changes)
    found = kit.left(daybook, ended, lake, tmp_path)
    assert found.texts and found.told(kit.secrets(daybook.env(**changes))) == [], ended.output
    assert ended.code and "failed (exit " in ended.last_line, ended.output
