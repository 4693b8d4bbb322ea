"""Holding a source table to its contract, before anything of it is read."""

from collections.abc import Mapping

from daybook.contracts.model import SourceTable
from daybook.errors import DataError

Accepted = Mapping[str, tuple[str, ...]]


def check(
    table: SourceTable, name: str, found: Mapping[str, str], accepted: Accepted, windows: tuple[str, ...]
) -> None:
    """Compare the columns found at the source, with their types, with what the contract accepts.

    `accepted` maps a contract's type to the source's types for it; a column that windows a table must be one of
    `windows`, because only a moment can be compared with the bounds of a day.

    Raises:
        DataError: a column is missing, or of a type that is not accepted.
    """
    for column in table.columns:
        if column.name not in found:
            raise DataError(f"{name} has no column {column.name}; found {', '.join(found)}")
        is_window = table.window is not None and table.window.column == column.name
        expected = windows if is_window else accepted[column.type]
        if found[column.name] not in expected:
            raise DataError(f"{name}.{column.name} is {found[column.name]}; expected {' or '.join(expected)}")
