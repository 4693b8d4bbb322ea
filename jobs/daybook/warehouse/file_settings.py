"""`file_settings`: what a load was told that the file must remember."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

import duckdb

from daybook import commands
from daybook.warehouse.own_table import OwnTable
from daybook.warehouse.schema import literal

FIRST_DAY = "first_day"
GOLD = "gold"  # where its lake's gold was at the last load
LAYOUT = "layout"
TABLE = OwnTable(
    "file_settings",
    "What the last load was told and the file remembers.",
    (("name", "VARCHAR", "Which."), ("value", "VARCHAR", "Its value.")),
)


def write(db: duckdb.DuckDBPyConnection, values: Mapping[str, str]) -> None:
    """Make the table of those that are set, in the connection's current database."""
    TABLE.write(db, values.items())


def kept(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The settings in the connection's current database."""
    return dict(TABLE.rows(db))


def value(setting: str) -> str:
    """The value of a setting, as SQL asks for it; NULL if it is not set."""
    return f"(SELECT value FROM {TABLE.name} WHERE name = {literal(setting)})"


def contradictions(before: Mapping[str, str], now: Mapping[str, str], days: Collection[date]) -> Iterator[str]:
    """What a load is told that contradicts what the file was told before, or the `days` that it will hold, in words."""
    for name in sorted(before.keys() & now.keys() - {GOLD}):
        if before[name] != now[name]:
            yield f"DAYBOOK_{name.upper()} is {now[name]}; the file was told {before[name]} before, and forgets that"
    if before.get(GOLD, now[GOLD]) != now[GOLD]:
        moved = f"the file was loaded from {before[GOLD]} until now, and is from {now[GOLD]}"
        yield f"{moved}: right if the lake was moved; if it is another lake: {commands.REBUILD}"
    oldest, first_day = min(days, default=None), now.get(FIRST_DAY)
    if oldest and first_day and str(oldest) < first_day:
        line = f"DAYBOOK_FIRST_DAY is {first_day}, and the file holds {oldest}: the earlier one counts"
        yield f"{line}; set it to the first day of your data"
