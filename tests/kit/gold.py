"""Gold computed from rows: each table as its module makes it, from the silver days that its contract reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from daybook import contracts
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable
from daybook.proof.row_account import Account
from daybook.settings import Meaning, meaning
from tests.kit.frames import MakeFrame, Rows

if TYPE_CHECKING:  # tests/unit needs no Spark, and is collected where there is none
    from pyspark.sql import Column, DataFrame, Row

    from daybook.days.counts import DayCounts

SilverRows: TypeAlias = Mapping[str, Rows]
Rates: TypeAlias = Mapping[str, Decimal]
MakeSilver: TypeAlias = "Callable[[SilverRows, GoldTable, Rates], RowsOfSilver]"
GoldOf: TypeAlias = "Callable[..., dict[str, list[Row]]]"

SOURCES = {table.name: table for table in contracts.SOURCE_TABLES}
_NO_MANIFESTS = "figures look at rows, not at manifests"
READ_BY_GOLD = {name for gold in contracts.FIGURE_TABLES for name in gold.reads}


class RowsOfSilver:
    """What a gold table's module is given (`daybook.gold.given.Silver`), of rows that say in `ds` which day has them.

    Settings are the defaults, rates the same on all days; `asked` collects which settings were looked at.
    """

    def __init__(self, table: GoldTable, rows: SilverRows, frames: Mapping[str, DataFrame], rates: Rates) -> None:
        self.table, self.asked = table, set[str]()
        self._tallies: list[DayCounts] = []
        self._rows, self._frames, self._rates = rows, frames, rates

    @property
    def meaning(self) -> Meaning:
        return _Noted(self.asked)  # type: ignore[return-value]

    def rates(self, day: date) -> Rates:
        self.asked.add("reporting_currency")
        return self._rates

    def frame(self, name: str, days: Sequence[date], offsets: Sequence[int] | None = None) -> DataFrame:
        read = {(day + timedelta(days=n)).isoformat() for day in days for n in offsets or self.table.reads[name]}
        frame = self._frames[name].where(self._frames[name]["ds"].isin(*read)).withColumnRenamed("ds", "silver_day")
        return frame if SOURCES[name].on_several_days else frame.drop("silver_day")

    def is_there(self, name: str, days: Sequence[date], offsets: Sequence[int]) -> bool:
        wanted = {(day + timedelta(days=n)).isoformat() for day in days for n in offsets}
        return any(row["ds"] in wanted for row in self._rows.get(name, ()))

    def rows(self, name: str, day: date) -> int:
        return sum(row["ds"] == day.isoformat() for row in self._rows.get(name, ()))

    def alarm(self, line: str, frame: DataFrame, condition: Column) -> DataFrame:
        return frame

    def tally(self, frame: DataFrame, days: Sequence[date]) -> DataFrame:
        from daybook.days.counts import added_up

        observed, seen = added_up(frame, self.table.day_column, days, self.table.tallies)
        self._tallies.append(seen)
        return observed

    def tallies(self, day: date) -> dict[str, int]:
        """Known once the rows were computed."""
        return {line: count for seen in self._tallies for line, count in seen.of(day).items()}

    def account(self, name: str, day: date) -> Account:
        raise NotImplementedError(_NO_MANIFESTS)

    def reasons(self, days: Sequence[date]) -> DataFrame:
        raise NotImplementedError(_NO_MANIFESTS)

    def listed(self, rows: Iterable[tuple[Any, ...]]) -> DataFrame:
        raise NotImplementedError(_NO_MANIFESTS)


class _Noted:
    """The default settings, and which of them were looked at."""

    def __init__(self, asked: set[str]) -> None:
        self._asked, self._meaning = asked, meaning({})

    def __getattr__(self, name: str) -> Any:
        self._asked.add(name)
        return getattr(self._meaning, name)


@pytest.fixture(scope="session")
def make_silver(make_frame: MakeFrame) -> MakeSilver:
    """Make the silver that a gold table is given, of rows."""

    def silver(rows: SilverRows, table: GoldTable, rates: Rates) -> RowsOfSilver:
        frames = {name: make_frame(rows.get(name, ()), silver_ddl(SOURCES[name], "ds string")) for name in table.reads}
        return RowsOfSilver(table, rows, frames, rates)

    return silver


@pytest.fixture(scope="session")
def gold_of(make_silver: MakeSilver) -> GoldOf:
    """Compute all gold tables, or those named, of some days from silver rows.

    Each day is computed as in a run of its own: from the silver days that the contract reads, no others.
    """
    from daybook.gold import MAKERS

    def compute(
        rows: SilverRows, days: Sequence[date], rates: Rates, named: Iterable[str] = MAKERS
    ) -> dict[str, list[Row]]:
        wanted = [table for table in contracts.FIGURE_TABLES if table.name in named]
        # The days of a table in one action: planning and starting a job takes longer than computing it.
        frames = {t.name: MAKERS[t.name].rows(make_silver(rows, t, rates), days) for t in wanted}
        return {table.name: _checked(table, frames[table.name]).collect() for table in wanted}

    return compute


def silver_ddl(table: SourceTable, *more: str) -> str:
    """The columns of a table's silver and more, for `make_frame`: whatever the transforms read is there."""
    return ", ".join([*(f"{c.name} {c.type_in.spark}" for c in table.columns), *more])


def _checked(contract: GoldTable, frame: DataFrame) -> DataFrame:
    expected = [(c.name, c.type_in.spark) for c in contract.columns]
    assert frame.dtypes == expected, "columns, their order and types are the contract's"
    return frame
