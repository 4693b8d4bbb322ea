"""What the rules depend on beside the row, as a peer is told it: settings, a day's rates, the moment of the reading."""

from datetime import date, datetime, timedelta
from functools import cache

from benchmarks.peers.lake import Lake
from daybook import rates, settings
from daybook.rates import DayRates

_CLOCK_TOLERANCE = timedelta(minutes=5)


@cache
def _rates() -> rates.Rates:
    meaning = settings.meaning()
    return rates.load(meaning.exchange_rates, meaning.reporting_currency, meaning.rate_max_age_days)


def rates_on(day: date) -> DayRates:
    """The rates that the settings' file has for a day; it is read once."""
    return _rates().on(day)


def latest_plausible(read_at: datetime) -> datetime:
    """The latest time that a row may bear which was read at this moment."""
    return read_at + _CLOCK_TOLERANCE


def read_at(lake: Lake, table: str, day: date) -> datetime:
    """When Daybook read a table-day from its source."""
    manifest = lake.manifest("bronze", table, day)
    assert manifest, f"bronze {table} {day} is not there"
    return datetime.fromisoformat(manifest["inputs"]["read_at"])
