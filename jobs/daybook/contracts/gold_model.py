"""What a gold table's contract can say. Standard library only, like the source tables'."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from daybook.contracts import checks


@dataclass(frozen=True)
class GoldColumn:
    """One column of a gold table."""

    name: str
    type: str
    description: str
    pii: bool = False


@dataclass(frozen=True)
class GoldTable:
    """The contract of one gold table.

    `reads` maps each silver table to the days it is read for, counted from the gold day. Day 0 of each is the
    gold day's *own* silver and must be there; the others are used when they are.
    """

    name: str
    grain: str
    columns: tuple[GoldColumn, ...]
    reads: Mapping[str, tuple[int, ...]] = field(hash=False)
    meaning_version: int = 1
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a contract that contradicts itself."""
        checks.refuse(self.name, checks.of_gold(self))

    @property
    def view(self) -> str:
        """The name of the warehouse's view that adds durations in seconds: never the table's own."""
        plain = self.name.removeprefix("global_")
        return plain if plain != self.name else f"{self.name}_seconds"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(c.name for c in self.columns)

    @property
    def uses_rates(self) -> bool:
        """Whether its figures depend on the exchange rates of the day."""
        return "user_purchases" in self.reads

    @property
    def affected_days(self) -> tuple[int, ...]:
        """Gold days, counted from a silver day, that read that silver day."""
        return tuple(sorted({-offset for days in self.reads.values() for offset in days}))
