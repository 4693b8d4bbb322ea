"""Rows of gold's tables by name, and what a figure is of which nothing is said."""

from datetime import timedelta
from typing import Any

from daybook.contracts.gold_model import GoldColumn, GoldTable

_ZEROS = {"int": 0, "bigint": 0, "money": 0.0, "duration": timedelta(), "boolean": False}
_KEYS = ("uuid", "date")


def zero(column: GoldColumn) -> Any:
    """The zero of a figure: NULL if the contract's description says when it is, else 0 or false; of a text NULL."""
    assert not is_key(column), f"{column.name} says which row it is: name it"
    return None if "NULL" in column.description else _ZEROS.get(column.type)


def is_key(column: GoldColumn) -> bool:
    """Whether a column says which row it is, by its type, and is no figure."""
    return column.type in _KEYS


def gold_row(table: GoldTable, **named: Any) -> tuple[Any, ...]:
    """A row in the contract's columns; a figure that is not named is its zero."""
    unknown = named.keys() - {*table.column_names}
    assert not unknown, f"{table.name} has no {', '.join(sorted(unknown))}"
    return tuple(named[c.name] if c.name in named else zero(c) for c in table.columns)
