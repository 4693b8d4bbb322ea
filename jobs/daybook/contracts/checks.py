"""What no contract may say, nor all of them together: refused at import, with table, field and what is right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from daybook.contracts.meanings import MEANINGS

if TYPE_CHECKING:
    from daybook.contracts.gold_model import GoldTable
    from daybook.contracts.model import SourceTable

# The settings that a meaning may depend on.
SETTINGS = tuple(setting.name for setting in MEANINGS)
NAME = re.compile("[a-z][a-z0-9_]*")


class ContractDeclarationError(ValueError):
    """A contract is declared wrongly; raised at import."""


class Finding(NamedTuple):
    """A field, what is wrong with it, and what would be right."""

    field: str
    wrong: str
    right: str


def refuse(table: str, findings: Iterable[Finding]) -> None:
    """Raise the first of the findings, if there is one.

    Raises:
        ContractDeclarationError: the contract contradicts itself.
    """
    for found in findings:
        raise ContractDeclarationError(f"{table}: {found.field}: {found.wrong}; {found.right}")


def of_all(sources: Sequence[SourceTable], gold: Sequence[GoldTable]) -> None:
    """See that the tables fit each other.

    Raises:
        ContractDeclarationError: two have one name, or a gold table reads one that is not there.
    """
    known, made = [table.name for table in sources], [table.name for table in gold]
    for table in gold:
        refuse(table.name, _of_reads(table, set(known)))
    # a source's tables are not in the warehouse, where gold's have a view each
    for names in ([*known, *made], [*made, *(table.view for table in gold)]):
        for name, count in Counter(names).items():
            refuse(name, [Finding("name", "borne by two tables or views", "take another")] if count > 1 else ())


def _of_reads(table: GoldTable, known: set[str]) -> Iterator[Finding]:
    for name in sorted(table.reads.keys() - known):
        yield Finding("reads", f"there is no source table {name!r}", f"one of {sorted(known)}")


def of_every(name: str, grain: str, columns: Sequence[str], meaning_version: int) -> Iterator[Finding]:
    """What is wrong with what both kinds of tables say."""
    for word in (name, *columns):
        if not NAME.fullmatch(word):
            yield Finding("name", repr(word), "small letters, digits and _, a letter first")
    if not columns:
        yield Finding("columns", "none", "a table has some")
    for column, count in Counter(columns).items():
        if count > 1:
            yield Finding("columns", f"{column!r} {count} times", "each once")
    if not grain.startswith("One row per "):
        yield Finding("grain", repr(grain), "it starts with 'One row per '")
    if meaning_version < 1:
        yield Finding("meaning_version", str(meaning_version), "1, and one more with each change of meaning")


def columns_of(sql: str) -> set[str]:
    """The columns that SQL names: its own words are written in capitals, functions stand before a bracket."""
    bare = re.sub(r"'[^']*'|\{[a-z_]*\}", " ", sql)
    return set(re.findall(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()", bare))


def uses_rates(settings: Sequence[str]) -> bool:
    """Whether what depends on these settings depends on the exchange rates of its day, too."""
    return "DAYBOOK_REPORTING_CURRENCY" in settings
