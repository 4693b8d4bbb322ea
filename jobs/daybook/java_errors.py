"""What a failure inside Spark means: the chain of Java's causes, told in one line that names the server."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from daybook import settings
from daybook.errors import (
    GRANT,
    HIDES_ROWS,
    HIDES_ROWS_ROUTINE,
    WHEN_UP,
    DataError,
    DaybookError,
    RetryableError,
    UsageError,
)

# Words of the Java exceptions, by what they mean for the caller.
_VANISHED = ("FileNotFoundException", "NoSuchKey")
_REFUSED = ("permission denied", "UnauthorizedException", "AccessDenied", "403 Forbidden", "NoAuthWithAWS")
_KEYS = ("InvalidAccessKeyId", "SignatureDoesNotMatch")
# Cassandra's driver has many words for a node that is gone, and which one comes first is chance. A node that is
# there and refuses is quoted among them.
_AWAY = (
    "NoNodeAvailable",
    "AllNodesFailedException",
    "ClosedConnectionException",
    "ClosedChannelException",
    "ConnectionInitException",
    "HeartbeatException",
    "Connection reset",
)
_ANSWER = re.compile(r"servererrors\.\w+: ([^\]]+)")
_NOT_CSV = ("CSV header", "MALFORMED_CSV_RECORD")
_BAD_DATA = ("SparkArithmeticException", "ArithmeticException", "BadRecordException", "no exchange rate of the day")
# Java 24 took away what Hadoop asks who the user is.
_WRONG_JAVA = ("getSubject is not supported", "UnsupportedClassVersionError")
# Of which server a chain speaks. Rows travel from a database to the store: the database comes first.
_SERVERS: Mapping[str, Callable[[], str]] = {
    "org.postgresql.": lambda: settings.postgres().where,
    "com.datastax.": lambda: settings.cassandra().where,
    "amazonaws": lambda: settings.lake().where,
    "s3a.": lambda: settings.lake().where,
}
_POSTGRES = "org.postgresql.util.PSQLException"
_NO_RIGHT = "42501"
_STORES = ("amazonaws", "s3a.")
# The exception's class; the server's severity; what only the client's developers can use.
_NOISE = re.compile(r"^([\w$]+\.)+[\w$]+: |^(FATAL|ERROR): +| \((showing first|Service: |Connection refused\)).*")


def explained(error: Exception) -> DaybookError | None:
    """A failure inside Spark as one of ours, or None when this is none."""
    java = _java(error)
    if java is None:
        return None
    texts = causes(java)
    chain = [first_line(text) for text in texts]
    where, cause = _where(chain), told(chain[-1])
    if _any(_NOT_CSV, chain):
        # The record itself stays unsaid: it holds what people wrote.
        then = "look at it; the extraction with --refresh reads the source again"
        return DataError(f"{_csv(texts)}: not the CSV that was published", then=then)
    if _any(_VANISHED, chain):
        return RetryableError(f"a file was replaced while reading: {cause}")
    if _any(_KEYS, chain):
        return UsageError(
            f"{where}: {cause}", then="correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, also on executors"
        )
    if sqlstate(error) == _NO_RIGHT:
        hides = _routine(error) == HIDES_ROWS_ROUTINE
        return UsageError(f"{where}: {cause}", then=HIDES_ROWS if hides else GRANT)
    if _any(_REFUSED, chain):
        return UsageError(f"{where}: {cause}", then=GRANT)
    if _any(_BAD_DATA, chain):
        return DataError(f"a value does not fit its type: {cause}")
    if _any(_WRONG_JAVA, chain):
        return UsageError(f"this Java cannot run Spark: {cause}", then="set JAVA_HOME to a Java 17")
    return RetryableError(f"{where}: {cause}", then=None if where == _SPARK else WHEN_UP)


def causes(java: object) -> list[str]:
    """The text of each exception in the chain of causes, outermost first."""
    return [str(each.toString()) for each in _chain(java)]


def sqlstate(error: Exception) -> str | None:
    """The code PostgreSQL gave for a failure inside Spark, if it was PostgreSQL that failed."""
    found = [each.getSQLState() for each in _chain(_java(error)) if each.getClass().getName() == _POSTGRES]
    return found[-1] if found else None


def told(line: str) -> str:
    """An exception's line without what says nothing to its reader."""
    if answer := _ANSWER.search(line):
        return answer[1]
    if _any(_AWAY, [line]):
        return "not reached"
    while (less := _NOISE.sub("", line)) != line and less:
        line = less
    return line


def first_line(error: object) -> str:
    """The first line of an error's text."""
    return (str(error).strip().splitlines() or [""])[0]


_SPARK = "Spark"


def _where(chain: list[str]) -> str:
    for words, place in _SERVERS.items():
        if _any((words,), chain):
            path = _path(chain) if words in _STORES else None
            return f"{place()}: {path}" if path else place()
    return _SPARK


def _path(chain: list[str]) -> str | None:
    """The first object named; of an attempt's folder the table-day it was for."""
    found = re.search(r"s3a://[\w./-]+?(?=/_attempts/|/?[^\w./-]|\.? |\.?$)", " ".join(chain))
    return found.group() if found else None


def _csv(texts: list[str]) -> str:
    found = re.search(r"(?:CSV file: |reading file )(s3a://\S*\w)", "\n".join(texts))
    return found[1] if found else "a bronze file"


def _java(error: Exception) -> object:
    """The Java exception: py4j's own errors keep it under the one name, pyspark's under the other."""
    return getattr(error, "java_exception", getattr(error, "_origin", None))


def _chain(java: Any) -> list[Any]:  # noqa: ANN401 -- py4j has no types
    found: list[Any] = []
    while java is not None and len(found) < 20:
        found.append(java)
        java = java.getCause()
    return found


def _routine(error: Exception) -> str | None:
    """Where in PostgreSQL's own code the failure was raised."""
    told = [each.getServerErrorMessage() for each in _chain(_java(error)) if each.getClass().getName() == _POSTGRES]
    return told[-1].getRoutine() if told and told[-1] else None


def _any(words: tuple[str, ...], chain: list[str]) -> bool:
    return any(word in line for line in chain for word in words)
