"""What every Spark step needs at hand."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import SparkSession

from daybook import arguments, credentials, rates, run_record, runs, session, settings
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.lake import manifest
from daybook.lake.agent import agent
from daybook.lake.manifest import Live
from daybook.lake.paths import Batch, Lake, Layer
from daybook.lake.store import Store
from daybook.rates import Rates
from daybook.settings import Bounds, Meaning

_WRITES: dict[str, tuple[Layer, ...]] = {
    "extract_postgres": ("bronze",),
    "extract_cassandra": ("bronze",),
    "silver": ("silver",),
    "gold": ("gold",),
    "day": ("bronze", "silver", "gold"),
}


@dataclass(frozen=True)
class Context:
    """The session, the lake and the settings of one run."""

    session: Callable[[], SparkSession]
    store: Store
    lake: Lake
    meaning: Meaning
    rates: Rates
    bounds: Bounds

    @property
    def spark(self) -> SparkSession:
        """The session, which opens when it is first asked for."""
        return self.session()

    def inputs(self, table: SourceTable | GoldTable, day: date, manifests: dict[str, str]) -> dict[str, Any]:
        """All that a table-day is made from: as long as it is the same, the table-day is left alone."""
        return {"manifests": manifests, **self._meaning_of(table, day)}

    def is_stale(self, table: SourceTable, day: date, live: Live) -> bool:
        """Whether a published silver table-day means something else than it would if it were made today.

        That is so when its contract's meaning, a setting it depends on or a rate of its day has changed since.
        """
        made_from = {name: value for name, value in live.manifest.inputs.items() if name != "manifests"}
        return made_from != self._meaning_of(table, day)

    def is_to_be_made_again(self, table: SourceTable, silver: Batch, live: Live) -> bool:
        """Whether it is stale, and can be made anew: once its bronze is gone, it stays as it is."""
        if not self.is_stale(table, silver.day, live):
            return False
        return manifest.read(self.store, self.lake.bronze(table, silver.day)) is not None

    def _meaning_of(self, table: SourceTable | GoldTable, day: date) -> dict[str, Any]:
        meaning: dict[str, Any] = {
            "meaning_version": table.meaning_version,
            "settings": self.meaning.of(table.settings),
        }
        if table.uses_rates:
            rates = self.rates.on(day)
            meaning["rates"] = {currency: f"{rate.normalize():f}" for currency, rate in rates.valid.items()}
            if isinstance(table, SourceTable):  # its rejected rows say which of the two was lacking
                meaning["rates"] |= dict.fromkeys(rates.too_old, "too old")
        return meaning


@contextmanager
def context(job: str, days: Sequence[date]) -> Iterator[Context]:
    """Read the settings first, so that a wrong one is named before anything starts; then prepare the session.

    The job's record lies below the layer that it writes last.

    Raises:
        UsageError: a setting, the rates file or a credential is missing or malformed.
    """
    places, meaning, bounds = settings.lake(), settings.meaning(), settings.bounds()
    table_of_rates = rates.load(meaning.exchange_rates, meaning.reporting_currency, meaning.rate_max_age_days)
    written = [getattr(places, layer) for layer in _WRITES[job]]
    name = agent(job, days, written)
    store = Store(places.endpoint, name)
    with session.session(f"daybook {job} {arguments.span(days)}", name) as the_session, credentials.lent(store):
        runs.begin(job, days, runs.in_store(store, written[-1]))
        newest = max(table_of_rates.on(max(days)).since.values(), default=None)
        run_record.note(newest_rate=newest)
        yield Context(the_session, store, Lake(places), meaning, table_of_rates, bounds)
