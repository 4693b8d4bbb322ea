"""What a gold table's contract can say. Standard library and the day only, like the source tables'."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from daybook.contracts.dependence import uses_rates
from daybook.contracts.types import TYPES, Type
from daybook.days import around

UNNAMED = "rows"  # how a ledger calls its rows if the contract has no word for them; nothing proves their number


@dataclass(frozen=True)
class GoldColumn:
    """One column of a gold table."""

    name: str
    type: str
    description: str
    pii: bool = False

    @property
    def type_in(self) -> Type:
        """Its type, as Spark, gold's Parquet and the warehouse name it."""
        return TYPES[self.type]

    @property
    def again(self) -> str | None:
        """The name under which the warehouse's view has it once more, in a type that can be added up."""
        again = TYPES[self.type].again if self.type in TYPES else None
        return f"{self.name}_{again.ending}" if again else None


@dataclass(frozen=True)
class Sum:
    """A line of the ledger: an aggregate over the day's rows, and whether the table's proof gives it again from silver.

    Spark and DuckDB read `sql`. `where_bronze_is` is for what only bronze's manifests tell, which may be gone.
    """

    sql: str
    proven: Literal["always", "where_bronze_is", "never"] = "always"


@dataclass(frozen=True)
class GoldTable:
    """The contract of one gold table.

    `reads` maps each silver table to the days it is read for, counted from the gold day. Day 0 of each is the
    gold day's *own* silver and must be there, but for the tables that it `may_lack`; the others are used when they are.

    `sums` and `never` are lines of the ledger that each day is published with, by name: a sum over the day's rows, and
    a condition, in SQL that Spark and DuckDB both read, that must hold for no row. The table's proof (see
    `daybook.gold`) gives the sums again from silver, as far as they say so; and the number of rows, if `rows_are` names
    it. The loader compares all lines again inside DuckDB.

    `tallies` are lines that no column of the finished rows shows: counted on the way, where the rows are written, and
    each given again by the proof.

    A table that `is_ledger` says what became of the rows of silver, from manifests alone; the others hold figures, and
    days that an older Daybook made have those only.
    """

    name: str
    grain: str
    columns: tuple[GoldColumn, ...]
    reads: Mapping[str, tuple[int, ...]] = field(hash=False)
    sums: Mapping[str, Sum] = field(hash=False)
    never: Mapping[str, str] = field(hash=False)
    rows_are: str = UNNAMED
    tallies: tuple[str, ...] = ()
    meaning_version: int = 1
    settings: tuple[str, ...] = ()
    is_ledger: bool = False
    may_lack: tuple[str, ...] = ()

    @property
    def view(self) -> str:
        """The name of the warehouse's view of the figures that says which are final: never the table's own."""
        plain = self.name.removeprefix("global_")
        return plain if plain != self.name else f"{self.name}_seconds"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(c.name for c in self.columns)

    @property
    def days_after(self) -> int:
        """How many days later the last silver day that it reads is: after its run no other changes the figures."""
        return max(offset for read in self.reads.values() for offset in read)

    @property
    def day_column(self) -> str:
        """The column that says which day a row belongs to."""
        return next(column.name for column in self.columns if column.type == "date")

    @property
    def figures(self) -> dict[str, str]:
        """Every line of the ledger that the rows themselves give, as an aggregate over them; 0 of no rows."""
        counts = {line: f"count_if({condition})" for line, condition in self.never.items()}
        sums = {line: each.sql for line, each in self.sums.items()}
        return {line: f"coalesce({aggregate}, 0)" for line, aggregate in {**sums, **counts}.items()}

    @property
    def proven(self) -> dict[str, bool]:
        """The lines of the ledger that the proof gives again from silver, each with whether it always can."""
        rows = (self.rows_are,) if self.rows_are != UNNAMED else ()
        sums = {line: each.proven == "always" for line, each in self.sums.items() if each.proven != "never"}
        return {**dict.fromkeys((*rows, *self.tallies), True), **sums}

    @property
    def uses_rates(self) -> bool:
        """Whether its figures depend on the exchange rates of the day."""
        return uses_rates(self.settings)

    def days_made_for(self, days: Iterable[date]) -> list[date]:
        """The gold days that read any of these silver days: a run for the days makes them all."""
        return around(days, {-offset for read in self.reads.values() for offset in read})

    def days_read(self, name: str, days: Iterable[date]) -> list[date]:
        """The days of one silver table that gold of any of these days reads."""
        return around(days, self.reads[name])

    def reach(self, days: Iterable[date]) -> list[date]:
        """The silver days that are read when gold is run for these days, for the days it makes then."""
        made = self.days_made_for(days)
        return sorted({day for name in self.reads for day in self.days_read(name, made)})
