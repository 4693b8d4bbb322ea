"""What an executor reaches: by one Spark task each, with the options of the jobs' own reads."""

from collections.abc import Iterator

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from daybook.checks.looking import Check
from daybook.checks.store import Probes
from daybook.contracts import CASSANDRA_TABLES
from daybook.errors import StrangeError
from daybook.failures import java
from daybook.lake.store import Store
from daybook.settings import Cassandra, LakePlaces, Postgres
from daybook.sources import cassandra
from daybook.sources.postgres_connection import jdbc_properties

SECONDS = 60.0  # Spark may have to start executors first


def checks(
    spark: SparkSession,
    store_: Store,
    places: LakePlaces,
    probes: Probes,
    postgres: Postgres | None,
    nodes: Cassandra | None,
) -> Iterator[Check]:
    """A task for each server that the driver reaches."""
    yield Check("executor, object store", lambda: _store(spark, store_, places, probes))
    if postgres:
        yield Check("executor, PostgreSQL", lambda: _done(_jdbc(spark, postgres)))
    if nodes:
        yield Check("executor, Cassandra", lambda: _done(_cql(spark, nodes)))


def _jdbc(spark: SparkSession, settings: Postgres) -> DataFrame:
    properties = {"driver": "org.postgresql.Driver", **jdbc_properties(settings)}
    return spark.read.jdbc(settings.jdbc_url, "(SELECT 1 AS one) AS source", properties=properties)


def _cql(spark: SparkSession, settings: Cassandra) -> DataFrame:
    return cassandra.open_table(spark, settings, CASSANDRA_TABLES[0])


def _store(spark: SparkSession, store_: Store, places: LakePlaces, probes: Probes) -> str:
    probe = probes.new(places.gold)
    store_.put(probe, b"probe")
    try:
        return _done(spark.read.text(probe))
    finally:
        probes.take_away(store_, probe)


def _done(frame: DataFrame) -> str:
    try:
        frame.isEmpty()  # asks no more than the first of its parts
    except (PySparkException, Py4JJavaError) as error:
        then = "see that executors reach what the driver reaches: routes, names, certificates, keys"
        raise java.explained(error) or StrangeError(f"unexpected {type(error).__name__}", then=then) from None
    return "reached"
