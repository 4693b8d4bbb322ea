"""Cassandra by the connector: days, pushed down as one range on the time column."""

from collections.abc import Sequence
from datetime import date

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from daybook.contracts.model import SourceTable
from daybook.days import shifted
from daybook.days.columns import days_from, within
from daybook.days.of_days import OfDays
from daybook.errors import DataError
from daybook.failures import causes
from daybook.settings import Cassandra
from daybook.sources import cassandra_failures as failures
from daybook.sources import contract

_TEXTS = ("text", "ascii")
_WHOLES = ("tinyint", "smallint", "int", "bigint", "varint")
ACCEPTED = {
    "uuid": ("uuid", "timeuuid", *_TEXTS, *_WHOLES),
    "string": _TEXTS,
    "timestamp": ("timestamp", "date", *_TEXTS, *_WHOLES),
    "decimal(18,6)": ("decimal", "double", "varint", *_TEXTS),
}


def options(settings: Cassandra) -> dict[str, str]:
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
    if settings.keystore:
        values |= {
            "connection.ssl.clientAuth.enabled": "true",
            "connection.ssl.keyStore.path": settings.keystore,
            "connection.ssl.keyStore.password": settings.keystore_password or "",
        }
    return {f"spark.cassandra.{name}": value for name, value in values.items()}


def open_table(spark: SparkSession, settings: Cassandra, table: SourceTable) -> DataFrame:
    """The whole table, not yet read, held to its contract.

    Raises:
        RetryableError: the cluster is not reached.
        UsageError: it refuses the login.
        DataError: the table is missing, or lacks a column, or has one of a type that is not accepted.
    """
    failures.check_reached(settings)
    name = f"{settings.keyspace}.{table.name}"
    reader = spark.read.format("org.apache.spark.sql.cassandra")
    try:
        frame = reader.options(keyspace=settings.keyspace, table=table.name, **options(settings)).load()
    except (PySparkException, Py4JJavaError) as error:
        found = causes.of(error)
        failures.after_failure(spark, settings, found)
        raise failures.refused(settings, name, found) from None
    contract.check(table, f"Cassandra table {name}", _types(frame), ACCEPTED, windows=("timestamp",))
    return frame


def _types(frame: DataFrame) -> dict[str, str]:
    """The columns' types in Cassandra's words: in Spark's a time of day is a number, and a network address a text."""
    columns = frame._jdf.queryExecution().analyzed().table().metadata().getColumns()
    return {entry.getKey().asInternal(): entry.getValue().getType().asCql(False, False) for entry in columns.entrySet()}


def read_days(frame: DataFrame, table: SourceTable, days: Sequence[date]) -> OfDays:
    """The table-days as text, in one scan; a row stands for each of its days.

    Raises:
        DataError: Cassandra would not filter the day itself, so that the whole table would be shipped.
    """
    assert table.window, f"{table.name}: a Cassandra table is read by day"
    column, back = table.window.column, table.window.days_back
    types = {f.name: f.dataType for f in frame.schema.fields}
    texts = [_as_text(name, types[name]) for name in table.column_names]
    inside = frame.where(within(F.col(column), shifted(min(days), -back), max(days)))
    _check_pushed_down(inside.select(*texts), table, column)
    return OfDays.spread(inside, days, days_from(F.col(column), back), texts).one_file_each()


def _check_pushed_down(frame: DataFrame, table: SourceTable, column: str) -> None:
    plan = frame._jdf.queryExecution().executedPlan().toString()  # the plan has no public way out of Python
    if f'["{column}" >= ?' not in plan or f'["{column}" < ?' not in plan:
        raise DataError(
            f"Cassandra table {table.name}: the day cannot be pushed down, because {column} is not its first "
            "clustering column; the whole table would be read"
        )


def _as_text(name: str, type_: T.DataType) -> Column:
    column = F.col(name)
    if isinstance(type_, T.TimestampType):
        return F.date_format(column, "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX").alias(name)
    if isinstance(type_, T.DecimalType) and type_.scale:
        # The connector widens every decimal to 18 places: only what the source said is kept.
        text = F.regexp_replace(column.cast(T.StringType()), r"(\.[0-9]*?)0+\z", "$1")
        return F.regexp_replace(text, r"\.\z", "").alias(name)
    return column.cast(T.StringType()).alias(name)
