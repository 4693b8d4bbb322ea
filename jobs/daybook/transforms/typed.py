r"""Text → type, by exactly the listed forms. What fits none of them becomes NULL, which silver reports as `:type`.

A regular expression admits the form before anything is cast: Spark's own cast would read `12:30` as today.
\A and \z instead of ^ and $, because Java's $ also matches before a final line break.
"""

from uuid import UUID

from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F

from daybook.contracts.model import Column
from daybook.transforms.identifiers import uuid_text

BLANKS = " \t\r\n\u00a0"
# Put before each dot above, so that it follows no letter; any character that neither combines nor has a case would do.
_APART, _DOT_ABOVE = "\u0001", "\u0307"

_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_AS_BRONZE_WRITES = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\z"
# Groups: day, hour and minute, seconds, at most six digits of fraction, zone hours, zone minutes.
# Not the last day of the year 9999 west of Greenwich: in UTC it would reach a year that few readers know.
_DATE_TIME = (
    r"\A(?!9999-12-31.*-[0-9:]+\z)"
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:(\.[0-9]{1,6})[0-9]*)?)?"
    r"(?:Z|([+-][0-9]{2})(?::?([0-9]{2}))?)?\z"
)
# Groups: the day, unless the month comes first; the other of both; year, hour and minute, seconds.
_SLASHES = r"\A([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}:[0-9]{2})(:[0-9]{2})?)?\z"
_SECONDS = r"\A[0-9]{1,10}\z"
_MILLISECONDS = r"\A[0-9]{11,15}\z"
_END_OF_YEAR_9999 = 253402300799999  # in milliseconds
# At most three digits of exponent: with a few more, the exact decimal would fill the memory.
_NUMBER = r"\A[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?\z"


def cleaned(name: str, column: Column) -> SparkColumn:
    """The text that is judged: outer blanks taken off and empty read as NULL where the contract says so."""
    text = F.col(name)
    if not column.trimmed:
        return text
    text = F.btrim(text, F.lit(BLANKS))
    text = F.when(text != "", text)
    return upper(text) if column.clean == "code" else text


def upper(text: SparkColumn) -> SparkColumn:
    """The text in upper case by Unicode's full mapping (ß becomes SS), the same in every locale of the JVM.

    Java's own upper case knows two exceptions, each of which is kept away from it here: Turkish and Azeri make İ of i,
    Lithuanian drops a dot above that follows a letter with a dot of its own.
    """
    apart = F.replace(F.replace(text, F.lit("i"), F.lit("I")), F.lit(_DOT_ABOVE), F.lit(_APART + _DOT_ABOVE))
    return F.replace(F.upper(apart), F.lit(_APART + _DOT_ABOVE), F.lit(_DOT_ABOVE))


def typed(name: str, column: Column, namespace: UUID | None, *, month_first: bool = False) -> SparkColumn:
    """The cleaned text in column `name` as the contract's type; NULL when it is none of the accepted forms.

    `month_first` says which of two readings a date with slashes has: 03/01/2025 is 3 January, or 1 March.
    """
    if column.type == "uuid":
        assert column.id_kind, "the model sees to it"
        return uuid_text(F.col(name), column.id_kind, namespace)
    if column.type == "timestamp":
        return instant(name, month_first=month_first)
    if column.type.startswith("decimal"):
        return number(name, column.type)
    return F.col(name)


def number(name: str, type_: str) -> SparkColumn:
    """A decimal, rounded half away from zero to its scale; NULL when it is no number or does not fit."""
    return F.when(F.col(name).rlike(_NUMBER), F.expr(f"try_cast(`{name}` AS {type_})"))


def instant(name: str, *, month_first: bool = False) -> SparkColumn:
    """A moment in UTC; fractions are cut after microseconds, and a time without a zone is UTC."""
    text = F.col(name)
    whole = F.expr(f"try_cast(`{name}` AS bigint)")
    return (
        # Without its Z: a zone is parsed by regular expressions made anew for each value, and the session's is UTC.
        F.when(text.rlike(_AS_BRONZE_WRITES), F.try_to_timestamp(text.substr(1, 26)))
        .when(text.rlike(_DATE), F.try_to_timestamp(F.concat(text, F.lit("T00:00:00Z"))))
        .when(text.rlike(_DATE_TIME), F.try_to_timestamp(_iso(text)))
        .when(text.rlike(_SLASHES), _with_slashes(text, month_first=month_first))
        .when(text.rlike(_SECONDS), F.timestamp_seconds(whole))
        .when(text.rlike(_MILLISECONDS) & (whole <= _END_OF_YEAR_9999), F.timestamp_millis(whole))
    )


def _iso(text: SparkColumn) -> SparkColumn:
    day, minute, second, fraction, zone_hour, zone_minute = (_group(text, _DATE_TIME, n) for n in range(1, 7))
    zone = F.when(zone_hour == "", F.lit("Z")).otherwise(F.concat(zone_hour, F.lit(":"), _or(zone_minute, "00")))
    return F.concat(day, F.lit("T"), minute, _or(second, ":00"), fraction, zone)


def in_other_order(name: str, *, month_first: bool) -> SparkColumn:
    """Whether the text is a date with slashes that only the other order of day and month reads."""
    text = F.col(name)
    orders = (_with_slashes(text, month_first=month_first), _with_slashes(text, month_first=not month_first))
    return text.rlike(_SLASHES) & orders[0].isNull() & orders[1].isNotNull()


def _with_slashes(text: SparkColumn, *, month_first: bool) -> SparkColumn:
    first, second_, year, minute, second = (_group(text, _SLASHES, n) for n in range(1, 6))
    day, month = (second_, first) if month_first else (first, second_)
    date = F.concat_ws("-", year, month, day)
    return F.try_to_timestamp(F.concat(date, F.lit("T"), _or(minute, "00:00"), _or(second, ":00"), F.lit("Z")))


def _group(text: SparkColumn, pattern: str, number_: int) -> SparkColumn:
    return F.regexp_extract(text, pattern, number_)


def _or(text: SparkColumn, default: str) -> SparkColumn:
    return F.when(text == "", F.lit(default)).otherwise(text)
