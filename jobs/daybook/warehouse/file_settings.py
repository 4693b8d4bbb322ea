"""`file_settings`: what a load was told that the file must remember."""

from collections.abc import Mapping

import duckdb

from daybook.warehouse.own_table import OwnTable
from daybook.warehouse.schema import literal

FIRST_DAY = "first_day"
LAYOUT = "layout"
TABLE = OwnTable(
    "file_settings",
    "What the last load was told and the file remembers.",
    (("name", "VARCHAR", "Which."), ("value", "VARCHAR", "Its value.")),
)


def write(db: duckdb.DuckDBPyConnection, values: Mapping[str, str]) -> None:
    """Make the table of those that are set, in the connection's current database."""
    TABLE.write(db, values.items())


def read(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The settings in the connection's current database."""
    return dict(TABLE.rows(db))


def value(setting: str) -> str:
    """The value of a setting, as SQL asks for it; NULL if it is not set."""
    return f"(SELECT value FROM {TABLE.name} WHERE name = {literal(setting)})"
