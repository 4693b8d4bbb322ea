"""The ledger of a gold table-day: what must hold before it is published."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from daybook.contracts.gold_model import GoldTable
from daybook.errors import DataError


def drawn_up(
    table: GoldTable, seen: Mapping[str, int | Decimal], alarms: Mapping[str, int], proof: Mapping[str, int | Decimal]
) -> dict[str, Any]:
    """The lines of the ledger: what was `seen` in the rows, the alarms on the way, and what silver gives again."""
    lines = {
        "gold": seen["rows"],
        **{line: seen[line] for line in (*table.figures, *table.tallies)},
        **alarms,
        **{f"silver_{line}": value for line, value in proof.items()},
    }
    return {line: str(value) if isinstance(value, Decimal) else value for line, value in lines.items()}


def audit(table: GoldTable, day: date, ledger: Mapping[str, Any]) -> None:
    """Silver gives what the contract calls proven, it is what gold has, and every line that is neither is zero.

    Raises:
        DataError: it is not so.
    """
    sums = {line: ledger[line] for line in (*table.sums, *table.tallies)} | {table.rows_are: ledger["gold"]}
    proven = {line: ledger[f"silver_{line}"] for line in table.proven if f"silver_{line}" in ledger}
    lacking = [line for line, always in table.proven.items() if always and line not in proven]
    if lacking:
        raise DataError(f"gold {table.name} {day}: silver does not prove: {', '.join(lacking)} ({ledger})")
    differing = [line for line, of_silver in proven.items() if Decimal(of_silver) != Decimal(sums[line])]
    if differing:
        raise DataError(f"gold {table.name} {day}: does not add up with silver: {', '.join(differing)} ({ledger})")
    of_right = {"gold", *sums, *(f"silver_{line}" for line in proven)}
    impossible = [line for line, count in ledger.items() if count and line not in of_right]
    if impossible:
        raise DataError(f"gold {table.name} {day}: a figure is impossible: {', '.join(impossible)} ({ledger})")
