"""How far Cassandra is: by the clock of one of its nodes, and by this machine's. No other proof is to be had of it."""

from datetime import UTC, datetime
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from daybook.failures import causes
from daybook.failures.cassandra import of_java
from daybook.settings import Cassandra
from daybook.sources import cassandra, reach
from daybook.sources.reach import Reach
from daybook.spark.progress import java

_NOW = "SELECT toTimestamp(now()) FROM system.local"


def ask(spark: SparkSession, settings: Cassandra) -> Reach:
    """Ask a node for its time, by a session with the options of the read.

    Raises:
        RetryableError: no node answers.
        UsageError: the node refuses.
    """
    row = first_row(spark, settings, _NOW)
    # py4j finds no method that an interface implements, as the row's own for times is.
    codec = java(spark).com.datastax.oss.driver.api.core.type.codec.TypeCodecs.TIMESTAMP
    told = codec.decode(row.getBytesUnsafe(0), row.protocolVersion()).toEpochMilli()
    return reach.by_clock(settings.where, datetime.fromtimestamp(told / 1000, UTC))


def first_row(spark: SparkSession, settings: Cassandra, query: str) -> Any:  # noqa: ANN401 -- py4j has no types
    """The first row that a query gives, as the driver's Java has it; None if it gives none.

    Raises:
        RetryableError: no node answers.
        UsageError: the node refuses.
    """
    # A copy of the session's configuration: what is set in it, no job of Spark's carries.
    configuration = spark.sparkContext._jsc.getConf()
    for name, value in cassandra.options(settings).items():
        configuration.set(name, value)
    connector = java(spark).com.datastax.spark.connector.cql.CassandraConnector.apply(configuration)
    try:
        session = connector.openSession()
        try:
            rows = session.execute(query).iterator()
            return rows.next() if rows.hasNext() else None
        finally:
            session.close()
    except Py4JJavaError as error:
        raise of_java(settings, causes.of(error)) from None
