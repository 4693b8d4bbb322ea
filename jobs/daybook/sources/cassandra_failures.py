"""What goes wrong with Cassandra, and what it means for whoever runs the job."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from daybook.arguments import span
from daybook.contracts.model import SourceTable
from daybook.errors import WHEN_UP, DataError, DaybookError, DayError, RetryableError, UsageError
from daybook.failures import cassandra, causes, words
from daybook.failures.causes import Cause
from daybook.settings import Cassandra
from daybook.spark.progress import java

_SECONDS_TO_CONNECT = 10.0
# Spark counts microseconds in 64 bits, Cassandra milliseconds.
_FURTHEST_MILLISECONDS = 2**63 // 1000
_TOO_LONG = 10**20
_NUMBER, _TIME = "org.apache.spark.SparkArithmeticException", "java.lang.ArithmeticException"


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
def reading(
    spark: SparkSession, settings: Cassandra, table: SourceTable, days: Sequence[date], look: Callable[[], object]
) -> Iterator[None]:
    """Around all that is done with table-days: say what a failure of Spark's means.

    `look` holds the table to its contract. It is asked again after a failure that is nothing else: a column may have
    been renamed or dropped since, and the server, or the connector, then calls a query wrong that was right.

    Raises:
        RetryableError: Cassandra is away.
        DayError: it gives up over what was deleted.
        DataError: the table holds a number or a time that Spark cannot hold; it has lost a column.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        found, name = causes.of(error), f"{settings.keyspace}.{table.name}"
        if cassandra.too_many_tombstones(found):
            under = f"lies under more deleted or expired rows than {cassandra.THRESHOLD}"
            line = f"{settings.where}: {name} {span(days)} {under}"
            raise DayError(line, then=cassandra.COMPACT.format(table=name.replace(".", " "))) from None
        if unfit := causes.last(found, _NUMBER, _TIME):
            raise _unfit(name, days, table, unfit) from None
        after_failure(spark, settings, found)
        with suppress(RetryableError, UsageError):
            look()
        raise


def after_failure(spark: SparkSession, settings: Cassandra, found: list[Cause]) -> None:
    """Let nobody wait for ever, and say so if no node listens any more.

    Once a look at the schema has failed, the driver leaves all later ones of the session unanswered, those of other
    threads too: closing the sessions ends them.
    """
    if causes.last(found, cassandra.DRIVER):
        java(spark).com.datastax.spark.connector.cql.CassandraConnector.evictCache()
    check_reached(settings)


def refused(settings: Cassandra, name: str, found: list[Cause]) -> DaybookError:
    """What a failure to open a table means."""
    if any(words.NO_TABLE in cause.message for cause in found):
        return DataError(f"Cassandra table {name} does not exist")
    return cassandra.of_java(settings, found)


def _unfit(name: str, days: Sequence[date], table: SourceTable, cause: Cause) -> DataError:
    """What Spark cannot hold, and the query that finds its row: the value itself stays unsaid."""
    if cause.is_a(_NUMBER):
        line = "a number too long for Spark: a decimal can have 20 digits before the point, a varint 38"
        found = [f"{c.name} >= {_TOO_LONG}" for c in table.columns if c.type.startswith("decimal")]
        below = f", or {found[0].replace('>= ', '<= -')}" if found else ""
    else:
        line = "a time beyond 294247-01-10, the last that Spark can hold, or as far back"
        times = [
            c.name
            for c in table.columns
            if c.type == "timestamp" and not (table.window and c.name == table.window.column)
        ]
        found, below = [f"{column} > {_FURTHEST_MILLISECONDS}" for column in times], ""
    query = f"SELECT * FROM {name} WHERE {found[0]} ALLOW FILTERING{below}" if found else ""
    where = f"find its row ({query}) and correct it" if found else None
    then = f"{where or 'correct that row'}, then run the same command again"
    return DataError(f"Cassandra table {name} {span(days)} holds {line}", then=then)
