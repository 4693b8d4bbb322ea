"""What real exceptions of Java's drivers mean: the class decides, wherever in the chain of causes it is."""

import re
from typing import Any

import pytest
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from daybook.errors import DataError, RetryableError, StrangeError, UsageError
from daybook.failures import cassandra, causes, java, postgres, stack_frames, store
from daybook.settings import Cassandra, Postgres

CASSANDRA = Cassandra("c1", 9042, "social", "reader", "canary", "dc1", "LOCAL_QUORUM", None, None)
POSTGRES = Postgres("p1", 5432, "social", "reader", "canary", "public", "prefer", None, 0)
UP = "see that the server is up, then run the same command again"
DRIVER = "com.datastax.oss.driver.api.core"


@pytest.fixture(scope="module")
def jvm(spark: SparkSession) -> Any:
    return spark.sparkContext._jvm


def thrown(jvm: Any, java_exception: Any) -> list[causes.Cause]:
    """The causes of an exception as a failing Spark action has them: below Spark's own."""
    raised = Py4JJavaError("", jvm.java.lang.RuntimeException("Job aborted due to stage failure", java_exception))
    return causes.of(raised)


def of(jvm: Any, name: str, *arguments: Any) -> Any:
    found = jvm
    for part in name.split("."):
        found = getattr(found, part)
    return found(*arguments)


GONE = [
    ("java.nio.channels.ClosedChannelException",),
    ("java.net.SocketException", "Connection reset by peer"),
    (f"{DRIVER}.connection.ClosedConnectionException", "Unexpected error on channel"),
    (f"{DRIVER}.connection.ConnectionInitException", "cannot send", None),
    (f"{DRIVER}.NoNodeAvailableException",),
]


@pytest.mark.parametrize("exception", GONE, ids=lambda e: e[0].rpartition(".")[2])
def test_a_node_that_is_gone_reads_the_same_whichever_exception_comes_first(
    jvm: Any, exception: tuple[Any, ...]
) -> None:
    told = cassandra.of_java(CASSANDRA, thrown(jvm, of(jvm, *exception)))
    assert (type(told), str(told), told.then) == (RetryableError, "Cassandra c1:9042: not reached", UP)


@pytest.mark.parametrize(
    ("exception", "kind", "line"),
    [
        (("servererrors.OverloadedException", None, "too many requests"), RetryableError, None),
        (("servererrors.BootstrappingException", None), RetryableError, None),
        (("servererrors.InvalidQueryException", None, "Guardrail allow_filtering"), UsageError, None),
        (("servererrors.ServerError", None, "unhandled"), RetryableError, "ServerError"),
        (("DriverTimeoutException", "Query timed out after PT2S"), RetryableError, "Query timed out after PT2S"),
        (("InvalidKeyspaceException", "Invalid keyspace social"), DataError, "Invalid keyspace social"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_a_node_answers_is_told_in_its_words(jvm: Any, exception: tuple[Any, ...], kind: type, line: str) -> None:
    name, *arguments = exception
    raised = of(jvm, f"{DRIVER}.{name}", *arguments)
    told = cassandra.of_java(CASSANDRA, thrown(jvm, raised))
    assert (type(told), str(told)) == (kind, f"Cassandra c1:9042: {line or raised.getMessage()}")


@pytest.mark.parametrize(
    ("state", "kind", "then"),
    [
        ("08006", RetryableError, UP),
        ("08004", UsageError, "correct PGSSLMODE"),
        ("28000", UsageError, "correct PGUSER or PGDATABASE, or the server's pg_hba.conf"),
        ("28P01", UsageError, "correct PGUSER or PGPASSWORD"),
        ("40001", RetryableError, "run the same command again"),
        ("53200", RetryableError, "free memory on the server, then run the same command again"),
        ("57P03", RetryableError, UP),
        ("XX001", DataError, "repair the table (the server's log says which page), then run the same command again"),
        ("ZZ999", RetryableError, "run the same command again"),
    ],
)
def test_postgresqls_code_decides_whatever_the_words(jvm: Any, state: str, kind: type, then: str) -> None:
    # a server speaks the language that its lc_messages names
    code = of(jvm, "org.postgresql.util.PSQLState.valueOf", "DATA_ERROR")
    assert postgres.sqlstate(thrown(jvm, of(jvm, postgres.EXCEPTION, "FATAL: mot de passe", code))) == "22000"
    told = postgres.explained(POSTGRES, state, "mot de passe")
    assert (type(told), str(told), told.then) == (kind, "PostgreSQL p1:5432/social as reader: mot de passe", then)


@pytest.mark.parametrize(
    ("code", "kind", "line", "then"),
    [
        ("SignatureDoesNotMatch", UsageError, "SignatureDoesNotMatch", "correct AWS_SECRET_ACCESS_KEY"),
        ("RequestTimeTooSkewed", UsageError, "RequestTimeTooSkewed", "set this machine's clock (NTP)"),
        ("QuotaExceeded", RetryableError, "QuotaExceeded", "make room in the store, then run the same command again"),
        (
            "403 Forbidden",
            UsageError,
            "Forbidden",
            "see that the bucket is there, and grant it (README, “Your own databases”)",
        ),
        ("InternalError", RetryableError, "InternalError", UP),
        ("SlowDown", RetryableError, "SlowDown", store.BUSY),
    ],
)
def test_the_stores_code_decides_in_java_as_in_python(jvm: Any, code: str, kind: type, line: str, then: str) -> None:
    answer = of(jvm, "com.amazonaws.services.s3.model.AmazonS3Exception", "words")
    answer.setErrorCode(code)
    wrapped = of(jvm, "java.io.IOException", "PUT s3a://bronze/users/2025-03-01/_attempts/x/part", answer)
    told = store.of_java("object store s", thrown(jvm, wrapped))
    assert (type(told), str(told), told.then) == (kind, f"object store s: s3a://bronze/users/2025-03-01: {line}", then)


@pytest.mark.parametrize(
    ("exception", "kind", "line"),
    [
        (("java.io.FileNotFoundException", "No such file: s3a://silver/x"), RetryableError,
         "a file was replaced while reading: No such file: s3a://silver/x"),
        (("java.lang.OutOfMemoryError", "Java heap space"), RetryableError,
         "Spark has not enough memory: Java heap space"),
        (("java.lang.ArithmeticException", "99 cannot be represented"), DataError,
         "a value does not fit its type: ArithmeticException"),
        (("java.lang.UnsupportedClassVersionError", "65.0"), UsageError, "this Java cannot run Spark: 65.0"),
        (("java.lang.UnsupportedOperationException", "getSubject is not supported"), UsageError,
         "this Java cannot run Spark: getSubject is not supported"),
        (("java.lang.RuntimeException", "no exchange rate of the day for XTS"), DataError,
         "a value does not fit its type: no exchange rate of the day"),
        (("java.lang.IllegalStateException", "a.b.C: ERROR: words"), StrangeError, "Spark: IllegalStateException"),
        (("java.lang.IllegalStateException",), StrangeError, "Spark: IllegalStateException"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_javas_and_sparks_own_failures_go_by_class(jvm: Any, exception: tuple[Any, ...], kind: type, line: str) -> None:
    raised = Py4JJavaError("", jvm.java.lang.RuntimeException("Job aborted", of(jvm, *exception)))
    told = java.explained(raised)
    assert (type(told), str(told)) == (kind, line)


QUOTING = [
    ("CAST('canary@example.org' AS INT)", "Spark: [CAST_INVALID_INPUT]"),
    ("CAST('canary@example.org' AS TIMESTAMP)", "Spark: [CAST_INVALID_INPUT]"),
    ("CAST(CAST(rand() AS STRING) || '+49 canary' AS BIGINT)", "Spark: [CAST_INVALID_INPUT]"),
    ("CAST(97531975319 AS INT)", "a value does not fit its type: [CAST_OVERFLOW]"),
    ("CAST('97531975319753197.5' AS DECIMAL(5, 2))", "a value does not fit its type: [NUMERIC_VALUE_OUT_OF_RANGE]"),
    ("raise_error('canary@example.org')", "Spark: RuntimeException"),
    ("to_date('canary', 'yyyy-MM-dd')", "Spark: [CANNOT_PARSE_TIMESTAMP]"),
]


@pytest.mark.parametrize(("expression", "line"), QUOTING)
def test_an_error_of_spark_that_quotes_a_value_is_told_by_its_name(
    spark: SparkSession, expression: str, line: str
) -> None:
    with pytest.raises((Py4JJavaError, PySparkException)) as raised:
        spark.range(1).selectExpr(expression).collect()
    assert not {"canary", "97531"}.isdisjoint(re.findall("canary|97531", str(raised.value))), "it quotes the value"
    assert str(java.explained(raised.value)) == line
    assert "canary" not in (told := stack_frames.told(raised.value)) and "97531" not in told
    assert "org.apache.spark" in told, "where it arose"


def test_a_failure_of_python_is_none_of_these() -> None:
    assert java.explained(ValueError("x")) is None
