"""What a gold table's module is given: silver as the table's contract reads it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from pyspark.sql import Column, DataFrame

from daybook.proof.row_account import Account
from daybook.settings import Meaning

# What a proof gives: for each day, lines of its ledger.
Ledgers: TypeAlias = Mapping[date, Mapping[str, int | Decimal]]

# What is told of a day beside its figures, by name, for the `origin` of its manifest.
Told: TypeAlias = Mapping[date, Mapping[str, Any]]


class Silver(Protocol):
    """The silver of the days that one gold table reads, and the settings and rates that give it a meaning."""

    @property
    def meaning(self) -> Meaning:
        """The settings; the contract's `settings` name those that are looked at."""
        ...

    def rates(self, day: date) -> Mapping[str, Decimal]:
        """The exchange rates of a day: units of the reporting currency, which is 1, for one unit of each."""
        ...

    def frame(self, name: str, days: Sequence[date], offsets: Sequence[int] | None = None) -> DataFrame:
        """The rows of one silver table in the days that gold of these days reads; or in those so many days away.

        In the contract's columns, ids as text. A day whose silver is not there has no rows. A row does not say which
        silver day it was in, except of a table whose window reaches back: there `silver_day` does.
        """
        ...

    def is_there(self, name: str, days: Sequence[date], offsets: Sequence[int]) -> bool:
        """Whether silver of one table is there for any of the days so many days away, of those that the table reads."""
        ...

    def rows(self, name: str, day: date) -> int:
        """The number of rows of one silver table on a day, as its manifest proves it."""
        ...

    def alarm(self, line: str, frame: DataFrame, condition: Column) -> DataFrame:
        """The same frame, watched: the condition must hold for none of its rows, or nothing is published.

        For what the finished rows no longer show. `line` is the ledger's.
        """
        ...

    def tally(self, frame: DataFrame, days: Sequence[date]) -> DataFrame:
        """The same frame, which has a column for each of the contract's `tallies`: each is added up, day by day.

        Nothing may shuffle after it: then a row counts once, however often it is computed.
        """
        ...

    def account(self, name: str, day: date) -> Account:
        """What became of the rows of one source table on a day, by the manifests."""
        ...

    def reasons(self, days: Sequence[date]) -> DataFrame:
        """A row for each rejected row of the days, as it is stored: `date`, `source_table` and its `reasons`."""
        ...

    def listed(self, rows: Iterable[tuple[Any, ...]]) -> DataFrame:
        """These rows, in the contract's columns."""
        ...
