"""What no contract may say, of whichever kind of table: with the field, and what would be right."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from daybook.contracts.meanings import MEANINGS

# The settings that a meaning may depend on.
SETTINGS = tuple(setting.name for setting in MEANINGS)
NAME = re.compile("[a-z][a-z0-9_]*")
# Words of SQL in a condition or an aggregate, but for those that `_NO_COLUMN` knows by where they stand. One that is
# missing here is refused as an unknown column: then it is to be added.
SQL_WORDS = frozenset(
    "and between case distinct div else end false ilike in is like not null or rlike then true when".split()
)
_NO_COLUMN = re.compile(
    r"""
    \{\w*\}                                # a parameter
    | \binterval\s+(?:'[^']*'|\d+)\s+\w+   # INTERVAL '2' HOUR
    | (?:\b\w+\s*)?'[^']*'                 # a text, and what may stand right before one: LIKE '…', DATE '…'
    | \b\w+\s*\(                           # a function, or a word before a bracket: count(, IN (
    | (?:\bas\s+|::\s*)\w+                # a type
    """,
    re.IGNORECASE | re.VERBOSE,
)


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


def columns_in(sql: str, columns: Collection[str]) -> set[str]:
    """Those of the columns that SQL names."""
    return _names(sql) & {*columns}


def unknown_in(sql: str, columns: Collection[str]) -> set[str]:
    """Names in SQL that are neither among the columns nor words of SQL, in small letters."""
    return _names(sql) - {*columns} - SQL_WORDS


def _names(sql: str) -> set[str]:
    """The words in SQL that may be columns, or other words of SQL, in small letters: SQL tells no case apart."""
    return {word.lower() for word in re.findall(r"\b[a-z_]\w*", _NO_COLUMN.sub(" ", sql), re.IGNORECASE)}
