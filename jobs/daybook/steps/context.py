"""What every Spark step needs at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession

from daybook import rates, session, settings
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
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

    def rates_on(self, day: date) -> dict[str, Decimal]:
        """The exchange rates valid on a day, the reporting currency's included."""
        return self.rates.on(day, self.meaning.reporting_currency)

    def inputs(
        self, table: SourceTable | GoldTable, day: date, manifests: dict[str, str], uses_rates: bool
    ) -> dict[str, Any]:
        """All that a table-day is made from: as long as it is the same, the table-day is left alone."""
        made_from: dict[str, Any] = {
            "manifests": manifests,
            "meaning_version": table.meaning_version,
            "settings": self.meaning.of(table.settings),
        }
        if uses_rates:
            made_from["rates"] = {currency: str(rate) for currency, rate in self.rates_on(day).items()}
        return made_from


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
