"""A job for tests: it connects to PostgreSQL by each of its clients alone, and logs how each was let in, if it was."""

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from daybook import settings
from daybook.context import context
from daybook.errors import DaybookError
from daybook.log import log
from daybook.process import runtime
from daybook.settings import Postgres
from daybook.sources.postgres_connection import connect, jdbc_properties

_OVER_TLS = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def main() -> None:
    """Ask libpq, then JDBC."""
    source = settings.postgres()
    with context("extract_postgres", [date(2025, 1, 1)]) as ctx:
        asked: dict[str, Callable[[], bool]] = {
            "libpq": lambda: _by_libpq(source),
            "JDBC": lambda: _by_jdbc(ctx.spark, source),
        }
        assert ctx.spark  # libpq's refusals are explained by it
        for client, ask in asked.items():
            try:
                log.info("%s: %s", client, "TLS" if ask() else "plain")
            except (DaybookError, PySparkException, Py4JJavaError):
                log.info("%s: refused", client)


def _by_libpq(source: Postgres) -> bool:
    with closing(connect(source)) as connection, connection.cursor() as cursor:
        cursor.execute(_OVER_TLS)
        return bool((cursor.fetchone() or ())[0])


def _by_jdbc(spark: SparkSession, source: Postgres) -> bool:
    properties = {"driver": "org.postgresql.Driver", **jdbc_properties(source)}
    row = spark.read.jdbc(source.jdbc_url, f"({_OVER_TLS}) AS asked", properties=properties).first()
    assert row
    return bool(row[0])


if __name__ == "__main__":
    sys.exit(runtime.run(main))
