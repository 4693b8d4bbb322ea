"""Cassandra as the jobs use it: version, TLS, rights, types, the order of rows, clock."""

from collections.abc import Iterator
from functools import partial

from pyspark.sql import SparkSession

from daybook.checks.looking import Check
from daybook.contracts import CASSANDRA_TABLES
from daybook.contracts.model import SourceTable
from daybook.days import shifted, today
from daybook.errors import DataError, RetryableError
from daybook.settings import Cassandra
from daybook.sources import cassandra, cassandra_reach


def reached(settings: Cassandra, spark: SparkSession) -> str:
    """Log in, and compare the clocks.

    Raises:
        RetryableError: no node answers, or the clocks are apart.
        UsageError: the cluster refuses the login.
    """
    reach = cassandra_reach.ask(spark, settings)
    if reach.differ:
        raise RetryableError(reach.differ, then=reach.then)
    return f"{settings.username}, {reach.said.partition(': ')[2]}"


def checks(settings: Cassandra, spark: SparkSession) -> Iterator[Check]:
    """All checks of a cluster that answers."""
    for table in CASSANDRA_TABLES:
        yield Check(f"Cassandra, {table.name}", partial(_table, settings, spark, table))
    yield Check("Cassandra, TLS", lambda: _tls(settings))


def _table(settings: Cassandra, spark: SparkSession, table: SourceTable) -> str:
    """Open the table, which holds it to its contract, and have a day of it planned, which shows the order of rows."""
    frame = cassandra.open_table(spark, settings, table)
    assert table.window, f"{table.name}: a Cassandra table is read by day"
    try:
        cassandra.read_days(frame, table, [shifted(today(), -1)])
    except DataError as error:
        raise DataError(str(error), then=f"make {table.window.column} its first clustering column") from None
    cassandra_reach.first_row(spark, settings, f'SELECT * FROM "{settings.keyspace}".{table.name} LIMIT 1')
    return "readable, as its contract has it, cut by the day"


def _tls(settings: Cassandra) -> str:
    own = ", with a certificate of its own" if settings.keystore else ""
    return f"on{own}; the connector checks no names" if settings.truststore else "off (CASSANDRA_SSL_TRUSTSTORE)"
