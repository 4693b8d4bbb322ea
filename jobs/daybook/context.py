"""What every Spark step needs at hand."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any, NamedTuple

from pyspark.sql import SparkSession

from daybook import arguments, rates, settings
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.errors import UsageError
from daybook.lake import credentials, manifest
from daybook.lake.agent import agent
from daybook.lake.manifest import Live
from daybook.lake.paths import Lake, Layer
from daybook.lake.store import Store
from daybook.log import log
from daybook.process import runs
from daybook.rates import Rates
from daybook.records import run_record
from daybook.settings import LAYERS, Bounds, Meaning
from daybook.spark import session

_WRITES: dict[str, tuple[Layer, ...]] = {
    "extract_postgres": ("bronze",),
    "extract_cassandra": ("bronze",),
    "silver": ("silver",),
    "gold": ("gold",),
    "day": ("bronze", "silver", "gold"),
}
# The layers that a job needs to make figures; the extractions make none, and need no more than bronze.
_FIGURES_OF: dict[str, Sequence[Layer]] = {"silver": ("bronze", "silver"), "gold": LAYERS, "day": LAYERS}


class Figures(NamedTuple):
    """What figures are made by, and no extraction needs: the settings that change their meaning, and the rates."""

    meaning: Meaning
    rates: Rates


@dataclass(frozen=True)
class Context:
    """The session, the lake and the settings of one run; `figures` are read when they are first asked for."""

    session: Callable[[], SparkSession]
    store: Store
    lake: Lake
    figures: Callable[[], Figures]
    bounds: Bounds

    @property
    def spark(self) -> SparkSession:
        """The session, which opens when it is first asked for."""
        return self.session()

    @property
    def meaning(self) -> Meaning:
        """The settings that change what the figures mean."""
        return self.figures().meaning

    @property
    def rates(self) -> Rates:
        """The exchange rates."""
        return self.figures().rates

    def begin_figures(self, days: Sequence[date]) -> None:
        """Read what figures are made by before any of them is made, and note in the run's record how new the rates are.

        Raises:
            UsageError: a setting or the rates file is missing or malformed.
        """
        run_record.note(newest_rate=max(self.rates.on(max(days)).since.values(), default=None))

    def inputs(self, table: SourceTable | GoldTable, day: date, manifests: dict[str, str]) -> dict[str, Any]:
        """All that a table-day is made from: as long as it is the same, the table-day is left alone."""
        return {"manifests": manifests, **self._meaning_of(table, day)}

    def is_stale(self, table: SourceTable, day: date, live: Live) -> bool:
        """Whether a published silver table-day means something else than it would if it were made today.

        That is so when its contract's meaning, a setting it depends on or a rate of its day has changed since.
        """
        made_from = {name: value for name, value in live.manifest.inputs.items() if name != "manifests"}
        return made_from != self._meaning_of(table, day)

    def bronze(self, table: SourceTable, day: date) -> Live | None:
        """The bronze that holds the table on the day, if there is any."""
        live = manifest.read(self.store, self.lake.bronze(table, day))
        return live if live and table.name in live.manifest.tables else None

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
    """Read the settings that the job needs first, so that a wrong one is named before anything starts.

    Then prepare the session. An extraction reads neither meaning nor rates: nothing that silver and gold alone use may
    stop it, because what is overwritten or expires at the source meanwhile is lost. So `day`, which begins with the
    extractions, only warns. The job's record lies below the layer that it writes last.

    Raises:
        UsageError: a setting that the job needs, or a credential, is missing or malformed.
    """
    places, bounds = settings.lake(of=("bronze",)), settings.bounds()
    figures = cache(partial(read_figures, _FIGURES_OF.get(job, ())))
    if job in ("silver", "gold"):
        figures()
    elif job == "day":
        warn_if_refused(figures, "silver and gold")
    written = [getattr(places, layer) for layer in _WRITES[job]]
    name = agent(job, days, written)
    store = Store(places.endpoint, name)
    with session.session(f"daybook {job} {arguments.span(days)}", name) as the_session, credentials.lent(store):
        runs.begin(job, days, runs.in_store(store, written[-1]))
        yield Context(the_session, store, Lake(places), figures, bounds)


def warn_if_refused(read: Callable[[], object], by: str) -> None:
    """Say up front which wrong setting a later part of the run will be refused for."""
    try:
        read()
    except UsageError as error:
        line = "%s: %s will end with exit 2; what does not need it is run before -- next: %s"
        log.warning(line, error, by, error.then)


def read_figures(layers: Sequence[Layer]) -> Figures:
    """Read what figures are made by, and judge the places of these layers.

    Raises:
        UsageError: a setting or the rates file is missing or malformed.
    """
    settings.lake(of=layers)
    meaning = settings.meaning()
    return Figures(meaning, rates.load(meaning.exchange_rates, meaning.reporting_currency, meaning.rate_max_age_days))
