"""What a gold table's contract can say. Standard library only, like the source tables'."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from daybook.contracts.model import ContractDeclarationError, unique_names

GOLD_TYPES = ("uuid", "string", "date", "int", "duration", "float", "boolean")


@dataclass(frozen=True)
class GoldColumn:
    """One column of a gold table."""

    name: str
    type: str
    description: str
    pii: bool = False

    def __post_init__(self) -> None:
        """Refuse a type the warehouse cannot hold."""
        if self.type not in GOLD_TYPES:
            raise ContractDeclarationError(f"{self.name}: unknown type {self.type!r}, one of {GOLD_TYPES}")
        if not self.description:
            raise ContractDeclarationError(f"{self.name}: no description")


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
        unique_names(self.name, [c.name for c in self.columns])
        if any(0 not in days for days in self.reads.values()):
            raise ContractDeclarationError(f"{self.name}: every silver table is read for the day itself")
        if not self.grain.startswith("One row per "):
            raise ContractDeclarationError(f"{self.name}: the grain starts with 'One row per '")

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
