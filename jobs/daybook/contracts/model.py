"""What a source table's contract can say. Standard library only: the loader and the page import it without Spark."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from string import Formatter
from typing import Literal

from daybook.contracts.dependence import settings_of, uses_rates
from daybook.contracts.types import TYPES, Type

Clean = Literal["as_is", "trim", "code"]
Source = Literal["postgres", "cassandra"]

# Ends the reason beside `<column>:type`: the text is a date, if day and month stand in the other order.
DATE_ORDER = ":date_order"
POSTGRES_BATCH = "_postgres"
# How far the clocks of two servers may differ. By it a time is plausible that is after the end of the extraction
# (`{latest_plausible}`), and a state of a notification may be from before it was sent.
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Column:
    """One column of a source table.

    `clean` says what silver does to the text before judging it: `trim` takes outer blanks off and reads an
    empty text as NULL, `code` also raises it to upper case. `id_kind` names what a uuid identifies; an
    integer id of that kind gets a uuid of its own (see `transforms.typed`).
    """

    name: str
    type: str
    description: str
    required: bool = False
    clean: Clean = "as_is"
    id_kind: str | None = None
    may_be_future: bool = False

    @property
    def type_in(self) -> Type:
        """Its type, as Spark, Parquet and DuckDB name it."""
        return TYPES[self.type]

    @property
    def personal(self) -> bool:
        """Whether people may have written it, or be named by it: every text that is not a code."""
        return self.type == "string" and self.clean != "code"

    @property
    def trimmed(self) -> bool:
        """Whether silver takes outer blanks off: always for what is not free text."""
        return self.type != "string" or self.clean != "as_is"


@dataclass(frozen=True)
class Rule:
    """A row-level rule: `predicate` is Spark SQL over typed columns and must hold; NULL counts as passed.

    A predicate may name parameters, which silver fills in: `{latest_plausible}`, a timestamp; `{amount_limit}`, a
    number; `{rate}`, the rate of the day for the row's `currency`, NULL without one that can be used;
    `{rated_currencies}` and `{outdated_currencies}`, arrays of strings: the currencies with a rate of any age, and
    those whose rate is too old.
    """

    reason: str
    predicate: str

    @property
    def asks_for(self) -> set[str]:
        """The parameters that the predicate names."""
        return {name for _, name, _, _ in Formatter().parse(self.predicate) if name is not None}


@dataclass(frozen=True)
class Window:
    """Which rows belong to day `ds`: `column` in the day, or up to `days_back` days before it."""

    column: str
    days_back: int = 0


@dataclass(frozen=True)
class SourceTable:
    """The contract of one source table, from which bronze and silver are derived.

    `meaning_version` is raised with any change of meaning, so that silver is made again; `never_read` names source
    columns that exist and stay there.
    """

    name: str
    source: Source
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    latest_by: str | None = None
    window: Window | None = None
    rules: tuple[Rule, ...] = ()
    max_rejected_share: float = 0.5
    meaning_version: int = 1
    never_read: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(c for c in self.columns if c.name == name)

    @property
    def batch(self) -> str:
        """The bronze batch that holds the table: all of PostgreSQL's are one, read from one snapshot."""
        return POSTGRES_BATCH if self.source == "postgres" else self.name

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in contract order: the projection and the bronze header."""
        return tuple(c.name for c in self.columns)

    @property
    def on_several_days(self) -> bool:
        """Whether a row lies in the extraction of more days than one: its window reaches back."""
        return self.window is not None and self.window.days_back > 0

    def unknown(self, found: Iterable[str]) -> list[str]:
        """Source columns that the contract says nothing of."""
        return sorted(set(found) - set(self.column_names) - set(self.never_read))

    def window_of(self, day: date) -> str:
        """Which rows belong to the day, in words: for the lineage in a manifest."""
        if self.window is None:
            return "whole table"
        back = f" or up to {self.window.days_back} day before" if self.window.days_back else ""
        return f"{self.window.column} on {day} (UTC){back}"

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings on which the meaning of silver depends."""
        types = {column.type for column in self.columns}
        return settings_of(types, {name for rule in self.all_rules for name in rule.asks_for})

    @property
    def uses_rates(self) -> bool:
        """Whether a rule asks for the exchange rates of the day."""
        return uses_rates(self.settings)

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The plausibility rules every timestamp has, then the table's own."""
        return tuple(rule for column in self.columns for rule in _time_rules(column)) + self.rules

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason for which a row of this table can be rejected."""
        missing = [f"{c.name}:missing" for c in self.columns if c.required]
        mistyped = [f"{c.name}:type" for c in self.columns if c.type != "string"]
        reversed_ = [c.name + DATE_ORDER for c in self.columns if c.type == "timestamp"]
        return (*missing, *mistyped, *reversed_, *(rule.reason for rule in self.all_rules))


def _time_rules(column: Column) -> tuple[Rule, ...]:
    if column.type != "timestamp":
        return ()
    too_old = Rule(f"{column.name}:too_old", f"{column.name} >= TIMESTAMP '2000-01-01 00:00:00Z'")
    in_future = Rule(f"{column.name}:in_future", f"{column.name} <= {{latest_plausible}}")
    return (too_old,) if column.may_be_future else (in_future, too_old)
