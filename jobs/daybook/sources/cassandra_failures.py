"""What goes wrong with Cassandra, and what it means for whoever runs the job."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from daybook import java_errors
from daybook.contracts.model import SourceTable
from daybook.errors import WHEN_UP, DataError, DaybookError, RetryableError, UsageError
from daybook.session import java
from daybook.settings import Cassandra

_SECONDS_TO_CONNECT = 10.0
_TOO_LARGE = re.compile(r"NUMERIC_VALUE_OUT_OF_RANGE\] (\S+) cannot be represented as Decimal")


def check_reached(settings: Cassandra) -> None:
    """See that a node listens.

    Before reading: a driver that has lost its nodes waits for them to come back, however long. After a failure: what
    runs on without its node fails in many words.
    """
    for host in settings.hosts.split(","):
        with suppress(OSError), socket.create_connection((host.strip(), settings.port), _SECONDS_TO_CONNECT):
            return
    raise RetryableError(f"{settings.where}: not reached", then=WHEN_UP)


@contextmanager
def reading(spark: SparkSession, settings: Cassandra, table: SourceTable) -> Iterator[None]:
    """Around all that is done with a table: say what a failure of Spark's means.

    Raises:
        RetryableError: Cassandra is away.
        DataError: the table holds a number that Spark cannot hold.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        found = _TOO_LARGE.search(str(error))
        if found is None:
            after_failure(spark, settings, error)
            raise
        raise DataError(
            f"Cassandra table {settings.keyspace}.{table.name} holds the number {found[1]}; a decimal can have 20 "
            "digits before the point, a varint 38",
            then="correct that row, then run the same command again",
        ) from None


def after_failure(spark: SparkSession, settings: Cassandra, error: Exception) -> None:
    """Let nobody wait for ever, and say so if no node listens any more.

    Once a look at the schema has failed, the driver leaves all later ones of the session unanswered, those of other
    threads too: closing the sessions ends them.
    """
    if "com.datastax.oss.driver" in str(error):
        java(spark).com.datastax.spark.connector.cql.CassandraConnector.evictCache()
    check_reached(settings)


def refused(settings: Cassandra, name: str, error: Exception) -> DaybookError:
    """What a failure to open a table means, by the driver's words."""
    reason = str(error)
    if "AuthenticationException" in reason or "AuthenticationError" in reason:
        line = f"{settings.where}: login of {settings.username} refused"
        return UsageError(line, then="correct CASSANDRA_USERNAME or CASSANDRA_PASSWORD")
    if "Couldn't find" in reason or "not found" in reason:
        return DataError(f"Cassandra table {name} does not exist")
    if "nodes in local DC" in reason:
        line = f"{settings.where}: no node in data centre {settings.local_dc}"
        return UsageError(line, then="correct CASSANDRA_LOCAL_DC")
    if "ssl-engine-factory" in reason:
        line = f"{settings.where}: truststore {settings.truststore} cannot be read"
        return UsageError(line, then="correct CASSANDRA_SSL_TRUSTSTORE or CASSANDRA_SSL_TRUSTSTORE_PASSWORD")
    if "AllNodesFailedException" in reason or "Could not reach" in reason or "Failed to open" in reason:
        return RetryableError(f"{settings.where}: not reached", then=WHEN_UP)
    return java_errors.explained(error) or RetryableError(
        f"{settings.where}: {name}: {reason.splitlines()[0]}", then=WHEN_UP
    )
