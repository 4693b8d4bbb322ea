"""What the page asks the DuckDB file, read-only; a file of an older Daybook may lack some of it."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from daybook import days
from daybook.warehouse import day_status, engine

SPAN = 30  # days that a page shows
LOADED = "version IS NOT NULL"  # is_loaded, which a file of an older Daybook does not know
USUAL = 28  # days that a median is taken of


def shown_days(day: date) -> list[date]:
    """The days that a page shows, up to its own."""
    return days.through(days.shifted(day, -(SPAN - 1)), day)


@dataclass(frozen=True)
class Status:
    """What `day_status` says of a table of figures on a day."""

    table: str
    is_final: bool | None
    final_after: date
    waiting_for: tuple[date, ...]
    is_loaded: bool = True


class Warehouse:
    """A connection to the file that answers in plain rows."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        """Take the connection, and see what is there."""
        self._db = db
        relations = "SELECT table_name FROM information_schema.tables"
        self._there = {name for (name,) in db.execute(relations).fetchall()}

    def has(self, *relations: str) -> bool:
        """Whether the file has these tables and views."""
        return self._there.issuperset(relations)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The answer to a query."""
        return self._db.execute(query, list(values)).fetchall()

    def status(self, tables: Sequence[str], day: date) -> list[Status]:
        """What is known of the tables on the day."""
        if not self.has(day_status.NAME):
            return []
        columns = f"table_name, is_final, final_after, waiting_for, {LOADED}"
        query = (
            f"SELECT {columns} FROM {day_status.NAME} WHERE date = ? AND table_name IN (SELECT unnest(?)) ORDER BY 1"
        )
        found = self.rows(query, [day, list(tables)])
        return [Status(t, final, after, tuple(days), loaded) for t, final, after, days, loaded in found]

    def newest_day(self) -> date | None:
        """The newest day in the file."""
        newest: date | None = self.rows("SELECT max(ds) FROM load_history WHERE is_current")[0][0]
        return newest


@contextmanager
def opened(path: Path) -> Iterator[Warehouse]:
    """The file, as it is now: a load meanwhile replaces it, and this connection keeps the old one.

    Raises:
        RetryableError, DataError: it cannot be read.
    """
    with engine.explaining(f"warehouse {path}"), closing(engine.reader(path)) as db:
        db.execute("SET TimeZone = 'UTC'")
        yield Warehouse(db)
