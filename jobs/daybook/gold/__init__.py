"""Gold's tables: for each contract the module of its name, which makes the rows and proves them from silver."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from pyspark.sql import DataFrame

from daybook.contracts import GOLD_TABLES
from daybook.contracts.checks import Finding, refuse
from daybook.contracts.gold_model import GoldTable
from daybook.gold.given import Ledgers, Silver, Told


class Maker(NamedTuple):
    """What a gold table's module has: `rows`, `proof` and `Proven` always, `told` if it has something to tell.

    `rows` gives the rows of the days in one frame, in the contract's columns and order. `proof` gives, for each day,
    the lines that the contract calls proven, from silver: by queries of its own, which share no rule with `rows`. The
    typed dictionary `Proven` names these lines. `told` gives, for each day, what the day's manifest tells in `origin`
    beside what every table's does: counts by which the warehouse warns, and never a value of a row.
    """

    rows: Callable[[Silver, Sequence[date]], DataFrame]
    proof: Callable[[Silver, Sequence[date]], Ledgers]
    told: Callable[[Silver, Sequence[date]], Told]


def _nothing(silver: Silver, days: Sequence[date]) -> Told:
    """What a module without `told` tells."""
    return {day: {} for day in days}


def maker_of(table: GoldTable) -> Maker:
    """The rows and the proof of a table.

    Raises:
        ContractDeclarationError: its module is not there, lacks one of them, or proves other lines than the contract
            declares as proven.
    """
    module = import_module(f"{__name__}.{table.name}") if find_spec(f"{__name__}.{table.name}") else None
    parts: dict[str, Any] = {part: getattr(module, part, None) for part in Maker._fields}
    lacking = [part for part in ("rows", "proof") if not callable(parts[part])]
    right = f"jobs/daybook/gold/{table.name}.py has them"
    refuse(table.name, [Finding("gold", f"no {part}", right) for part in lacking])
    refuse(table.name, _of_proof(table, getattr(module, "Proven", None)))
    return Maker(parts["rows"], parts["proof"], parts["told"] or _nothing)


def _of_proof(table: GoldTable, proven: type | None) -> Iterator[Finding]:
    """What is wrong with the lines that the module's `Proven` names."""
    required: frozenset[str] = getattr(proven, "__required_keys__", frozenset())
    named = {line: line in required for line in getattr(proven, "__annotations__", ())}
    where = f"`Proven` in jobs/daybook/gold/{table.name}.py"
    for line, always in table.proven.items():
        if named.get(line) is not always:
            how = "has it, and proof gives it" if always else "has it as NotRequired"
            yield Finding("proof", f"no {line!r}", f"{where} {how}, or the contract's Sum says proven='never'")
    for line in named.keys() - table.proven.keys():
        yield Finding("proof", f"{line!r}, which the contract does not call proven", f"{where} has not")


# All of them at import: what is missing is missed by whoever adds the table, not in the night.
MAKERS: Mapping[str, Maker] = {table.name: maker_of(table) for table in GOLD_TABLES}
