"""The types of columns: what each is in Spark, in gold's Parquet as DuckDB finds it, and in the warehouse.

Which types of a source's own are read as one of them stands with each source (`ACCEPTED`); how text becomes one, in
`transforms.typed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Again(NamedTuple):
    """What a view has of a column beside itself: under which ending of its name, by which SQL, in which words."""

    ending: str
    sql: str
    words: str


@dataclass(frozen=True)
class Type:
    """One type under each of its names; `of_source` and `of_gold` say which contracts may speak of it.

    `again` is for the warehouse's views, where the type itself cannot be added up.
    """

    spark: str
    parquet: str
    duckdb: str
    of_source: bool = False
    of_gold: bool = False
    again: Again | None = None


_INSTANT = "TIMESTAMP WITH TIME ZONE"
# Parquet knows neither UUIDs nor durations: a uuid is text there, a duration INT64 microseconds.
TYPES: Mapping[str, Type] = {
    "uuid": Type("string", "VARCHAR", "UUID", of_source=True, of_gold=True),
    "string": Type("string", "VARCHAR", "VARCHAR", of_source=True, of_gold=True),
    "timestamp": Type("timestamp", _INSTANT, _INSTANT, of_source=True, of_gold=True),
    "decimal(18,6)": Type("decimal(18,6)", "DECIMAL(18,6)", "DECIMAL(18,6)", of_source=True),
    "date": Type("date", "DATE", "DATE", of_gold=True),
    "int": Type("int", "INTEGER", "INTEGER", of_gold=True),
    "bigint": Type("bigint", "BIGINT", "BIGINT", of_gold=True),
    # DuckDB cannot sum an INTERVAL
    "duration": Type(
        "interval day to second", "BIGINT", "INTERVAL", of_gold=True, again=Again("seconds", "epoch({})", "In seconds")
    ),
    # whole cents, which a double holds exactly up to 15 digits, but not their sum
    "money": Type(
        "double",
        "DOUBLE",
        "DOUBLE",
        of_gold=True,
        again=Again("decimal", "CAST({} AS DECIMAL(18, 2))", "As a decimal, whose sum is exact"),
    ),
    "boolean": Type("boolean", "BOOLEAN", "BOOLEAN", of_gold=True),
}
OF_SOURCES = tuple(name for name, type_ in TYPES.items() if type_.of_source)
OF_GOLD = tuple(name for name, type_ in TYPES.items() if type_.of_gold)
