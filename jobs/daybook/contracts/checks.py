"""What a contract may not say, of every table and of gold's: refused at import, with table, field and what is right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from daybook.contracts.gold_model import GoldTable
    from daybook.contracts.model import SourceTable

GOLD_TYPES = ("uuid", "string", "date", "int", "duration", "float", "boolean")
# The settings that a meaning may depend on, as `settings.Meaning` gives them.
SETTINGS = (
    "DAYBOOK_REPORTING_CURRENCY", "DAYBOOK_RATE_MAX_AGE_DAYS", "DAYBOOK_AMOUNT_LIMIT", "DAYBOOK_MAX_GAP_HOURS",
    "DAYBOOK_ATTRIBUTION_HOURS", "DAYBOOK_SUCCESS_STATES", "DAYBOOK_ID_NAMESPACE",
)  # fmt: skip
OWN_TABLE = "load_history"  # what the warehouse puts beside the tables
_NAME = re.compile("[a-z][a-z0-9_]*")


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


def of_gold(table: GoldTable) -> Iterator[Finding]:
    """What is wrong with a gold table's contract."""
    yield from of_every(table.name, table.grain, table.column_names, table.meaning_version, table.settings)
    for column in table.columns:
        if column.type not in GOLD_TYPES:
            yield Finding(f"column {column.name}", f"type {column.type!r}", f"one of {GOLD_TYPES}")
        if not column.description:
            yield Finding(f"column {column.name}", "no description", "say what it means")
        if column.type == "duration" and f"{column.name}_seconds" in table.column_names:
            yield Finding(f"column {column.name}_seconds", "the view adds one of that name", "take another")
    dates = [column.name for column in table.columns if column.type == "date"]
    if len(dates) != 1:
        yield Finding("columns", f"{len(dates)} dates ({', '.join(dates) or 'none'})", "one column says which day")
    if not table.reads:
        yield Finding("reads", "nothing", "name the silver tables that it is made from")
    for name, days in table.reads.items():
        if 0 not in days:
            yield Finding("reads", f"{name} not for the day itself", "day 0 of each is read")
        if list(days) != sorted(set(days)):
            yield Finding("reads", f"{name} for {days}", "each day once, in order")


def of_all(sources: Sequence[SourceTable], gold: Sequence[GoldTable]) -> None:
    """See that the tables fit each other.

    Raises:
        ContractDeclarationError: two have one name, or a gold table reads one that is not there.
    """
    known, made = [table.name for table in sources], [table.name for table in gold]
    for table in gold:
        refuse(table.name, _of_reads(table, set(known)))
    # a source's tables are not in the warehouse, where gold's have a view each
    for names in ([*known, *made], [*made, *(table.view for table in gold), OWN_TABLE]):
        for name, count in Counter(names).items():
            refuse(name, [Finding("name", "borne by two tables or views", "take another")] if count > 1 else ())


def _of_reads(table: GoldTable, known: set[str]) -> Iterator[Finding]:
    for name in sorted(table.reads.keys() - known):
        yield Finding("reads", f"there is no source table {name!r}", f"one of {sorted(known)}")


def of_every(
    name: str, grain: str, columns: Sequence[str], meaning_version: int, settings: Sequence[str]
) -> Iterator[Finding]:
    """What is wrong with what both kinds of tables say."""
    for word in (name, *columns):
        if not _NAME.fullmatch(word):
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
    for setting in settings:
        if setting not in SETTINGS:
            yield Finding("settings", f"there is no {setting!r}", f"one of {SETTINGS}")
