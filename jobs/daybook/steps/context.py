"""What every Spark step needs at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import SparkSession

from daybook import rates, session, settings
from daybook.lake.store import Store
from daybook.rates import Rates
from daybook.settings import Lake, Meaning


@dataclass(frozen=True)
class Context:
    """The session, the lake and the settings of one run."""

    spark: SparkSession
    store: Store
    lake: Lake
    meaning: Meaning
    rates: Rates


@contextmanager
def context(name: str) -> Iterator[Context]:
    """Read the settings first, so that a wrong one is named before anything starts; then open the session.

    Raises:
        UsageError: a setting or the rates file is missing or malformed.
    """
    lake, meaning = settings.lake(), settings.meaning()
    table_of_rates = rates.load(meaning.exchange_rates)
    with session.session(name) as spark:
        yield Context(spark, Store(lake.endpoint), lake, meaning, table_of_rates)
