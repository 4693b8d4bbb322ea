"""What failures of Spark, Hadoop and Java themselves mean, by the class of the exception."""

import re
from collections.abc import Sequence
from datetime import date

from daybook import commands
from daybook.contracts import SOURCE_TABLES
from daybook.errors import DataError, DaybookError, RetryableError, UsageError
from daybook.failures import causes, words
from daybook.failures.causes import Cause

_BAD_RECORD = "org.apache.spark.sql.catalyst.util.BadRecordException"
_JAVA_17 = "set JAVA_HOME to a Java 17"
_MEMORY = "give the driver more memory (spark.driver.memory), then run the same command again"
_REREAD = "look at it, and if it is not what the source had: {}"

# Of what a failure is, with the words before its own; the first that is in the chain counts.
CLASSES: Sequence[tuple[str, type[DaybookError], str, str | None]] = (
    ("java.io.FileNotFoundException", RetryableError, "a file was replaced while reading", None),
    ("java.lang.OutOfMemoryError", RetryableError, "Spark has not enough memory", _MEMORY),
    ("org.apache.spark.memory.SparkOutOfMemoryError", RetryableError, "Spark has not enough memory", _MEMORY),
    ("org.apache.spark.SparkArithmeticException", DataError, "a value does not fit its type", None),
    ("java.lang.ArithmeticException", DataError, "a value does not fit its type", None),
    ("java.lang.UnsupportedClassVersionError", UsageError, "this Java cannot run Spark", _JAVA_17),
)


def explained(found: Sequence[Cause]) -> DaybookError | None:
    """What the chain tells of; None where nothing of it is known."""
    messages = [cause.message for cause in found]
    if causes.last(found, _BAD_RECORD) or _any(words.CSV_HEADER, messages):
        # The record itself stays unsaid: it holds what people wrote.
        file = _csv(messages)
        return DataError(f"{file}: not the CSV that was published", then=_REREAD.format(_extraction(file)))
    for name, kind, what, then in CLASSES:
        if cause := causes.last(found, name):
            # words of a type's limit quote what people wrote
            return kind(f"{what}: {cause.name if kind is DataError else cause.reason}", then=then)
    if _any(words.NO_RATE, messages):
        return DataError(f"a value does not fit its type: {words.NO_RATE}")
    if _any(words.NO_SUBJECT, messages):
        return UsageError(f"this Java cannot run Spark: {words.NO_SUBJECT}", then=_JAVA_17)
    return None


def _csv(messages: list[str]) -> str:
    found = re.search(r"(?:CSV file: |reading file )(s3a://\S*\w)", "\n".join(messages))
    return found[1] if found else "a bronze file"


def _extraction(file: str) -> str:
    """The command that makes the bronze which the file is of."""
    found = re.search(r"/(\w+)/(\d{4}-\d\d-\d\d)/", file)
    table = next((table for table in SOURCE_TABLES if found and table.name == found[1]), None)
    if table is None or found is None:
        return "its extraction with --refresh"
    return commands.read_again(table, date.fromisoformat(found[2]))


def _any(word: str, messages: list[str]) -> bool:
    return any(word in message for message in messages)
