"""Cassandra by the connector: one day, pushed down as a range on the time column."""

from datetime import date, timedelta

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from daybook.contracts.model import SourceTable
from daybook.errors import DataError, DaybookError, RetryableError, UsageError
from daybook.settings import Cassandra
from daybook.sources import contract

_WHOLES = ("byte", "short", "integer", "long")
# In Spark's words, as the connector maps them: uuid, timeuuid, text and ascii are strings, a varint is a decimal.
_ACCEPTED = {
    "uuid": ("string", *_WHOLES, "decimal"),
    "string": ("string",),
    "timestamp": ("timestamp", "date", "string", *_WHOLES),
    "decimal(18,2)": ("decimal", "double", "string"),
}


def _options(settings: Cassandra) -> dict[str, str]:
    """Where Cassandra is and who reads it.

    As options of the read: from the session's configuration a password would travel in the properties of every
    Spark job, and from there, unredacted, into the event log.
    """
    values = {
        "connection.host": settings.hosts,
        "connection.port": str(settings.port),
        "connection.localDC": settings.local_dc,
        "auth.username": settings.username,
        "auth.password": settings.password,
        "input.consistency.level": settings.consistency,
    }
    if settings.truststore:
        values |= {
            "connection.ssl.enabled": "true",
            "connection.ssl.trustStore.path": settings.truststore,
            "connection.ssl.trustStore.password": settings.truststore_password or "",
            # The connector's own list has no forward secrecy, and modern servers refuse it.
            "connection.ssl.enabledAlgorithms": "TLS_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        }
    return {f"spark.cassandra.{name}": value for name, value in values.items()}


def open_table(spark: SparkSession, settings: Cassandra, table: SourceTable) -> DataFrame:
    """The whole table, not yet read, held to its contract.

    Raises:
        RetryableError: the cluster is not reached.
        UsageError: it refuses the login.
        DataError: the table is missing, or lacks a column, or has one of a type that is not accepted.
    """
    name = f"{settings.keyspace}.{table.name}"
    reader = spark.read.format("org.apache.spark.sql.cassandra")
    try:
        frame = reader.options(keyspace=settings.keyspace, table=table.name, **_options(settings)).load()
    except (PySparkException, Py4JJavaError) as error:
        raise _refused(settings, name, str(error)) from None
    found = {f.name: f.dataType.typeName() for f in frame.schema.fields}
    contract.check(table, f"Cassandra table {name}", found, _ACCEPTED, windows=("timestamp",))
    return frame


def _refused(settings: Cassandra, name: str, reason: str) -> DaybookError:
    """What a failure to open a table means, by the driver's words."""
    where = f"Cassandra {settings.hosts}:{settings.port}"
    if "AuthenticationException" in reason or "AuthenticationError" in reason:
        return UsageError(f"{where}: login of {settings.username} refused", then="correct CASSANDRA_USERNAME/_PASSWORD")
    if "Couldn't find" in reason or "not found" in reason:
        return DataError(f"Cassandra table {name} does not exist")
    if "AllNodesFailedException" in reason or "Could not reach" in reason or "Failed to open" in reason:
        return RetryableError(f"{where}: not reached", then="see that the server is up, then run again")
    return RetryableError(f"{where}: {name}: {reason.splitlines()[0]}")


def read_day(frame: DataFrame, table: SourceTable, day: date) -> DataFrame:
    """The table-day as text.

    Raises:
        DataError: Cassandra would not filter the day itself, so that the whole table would be shipped.
    """
    assert table.window, f"{table.name}: a Cassandra table is read by day"
    column, first = table.window.column, day - timedelta(days=table.window.days_back)
    in_day = (F.col(column) >= _instant(first)) & (F.col(column) < _instant(day + timedelta(days=1)))
    types = {f.name: f.dataType for f in frame.schema.fields}
    selected = frame.where(in_day).select(*(_as_text(name, types[name]) for name in table.column_names))
    _check_pushed_down(selected, table, column)
    return selected


def _check_pushed_down(frame: DataFrame, table: SourceTable, column: str) -> None:
    plan = frame._jdf.queryExecution().executedPlan().toString()  # the plan has no public way out of Python
    if f'["{column}" >= ?' not in plan or f'["{column}" < ?' not in plan:
        raise DataError(
            f"Cassandra table {table.name}: the day cannot be pushed down, because {column} is not its first "
            "clustering column; the whole table would be read"
        )


def _instant(day: date) -> Column:
    return F.lit(f"{day} 00:00:00Z").cast(T.TimestampType())


def _as_text(name: str, type_: T.DataType) -> Column:
    column = F.col(name)
    if isinstance(type_, T.TimestampType):
        return F.date_format(column, "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX").alias(name)
    if isinstance(type_, T.DecimalType) and type_.scale:
        # The connector widens every decimal to 18 places: only what the source said is kept.
        text = F.regexp_replace(column.cast(T.StringType()), r"(\.[0-9]*?)0+\z", "$1")
        return F.regexp_replace(text, r"\.\z", "").alias(name)
    return column.cast(T.StringType()).alias(name)
