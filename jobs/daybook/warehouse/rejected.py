"""The rows that silver rejected of a table-day, as DuckDB reads them."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from daybook.contracts.model import Column, SourceTable
from daybook.errors import RetryableError, UsageError
from daybook.lake import live_files, manifest
from daybook.lake.paths import Batch
from daybook.lake.store import Store
from daybook.warehouse import engine
from daybook.warehouse.schema import literal, name

_MASK = "•••"
# What is plainly of its column's kind, whether silver could take it or not: an id, a time, a number, a code.
_PLAIN = {
    "uuid": "[0-9A-Fa-f{}-]{0,40}",
    "timestamp": "[0-9TZ:., /+-]{0,40}",
    "decimal(18,6)": "[0-9Ee., +-]{0,60}",
    "string": "[0-9A-Za-z_.-]{0,32}",
}


@dataclass(frozen=True)
class Rejected:
    """The rows, in a view `rejected` of a database in memory."""

    db: duckdb.DuckDBPyConnection
    count: int

    def reasons(self) -> str:
        """How often each reason applies, as a table; a row may have several."""
        each = "SELECT unnest(reasons) AS reason FROM rejected"
        return str(self.db.sql(f"SELECT reason, count(*) AS rows FROM ({each}) GROUP BY reason ORDER BY ALL"))

    def first(self, rows: int) -> str:
        """The first rows, as a table."""
        return str(self.db.sql(f"FROM rejected LIMIT {rows}"))

    def write(self, path: Path) -> None:
        """Write all rows as CSV into a new file of the owner's own.

        Raises:
            UsageError: the file is there, or cannot be made.
        """
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise UsageError(f"file {path}: {error.strerror}", then="name a new file by --csv") from None
        rows = "SELECT * REPLACE (array_to_string(reasons, ' ') AS reasons) FROM rejected"
        self.db.execute(f"COPY ({rows}) TO {literal(path)} (FORMAT csv, HEADER, USE_TMP_FILE false)")


@contextmanager
def opened(
    store: Store, batch: Batch, table: SourceTable, reason: str | None, show_personal: bool
) -> Iterator[Rejected]:
    """The rejected rows of a silver table-day, those with a reason if one is given, until the block ends.

    Raises:
        RetryableError: the table-day is not published.
        DataError: a file of rejected rows is missing or of another size.
    """
    live = manifest.read(store, batch)
    if live is None:
        raise RetryableError(f"{batch}: not published yet", then=batch.command)
    files = live_files.files_of(store, batch, live, table.name, rejected=True)
    with TemporaryDirectory() as folder, closing(engine.in_memory(Path(folder))) as db:
        for number, file in enumerate(files):
            store.download(file, f"{folder}/{number}.parquet")
        columns = ", ".join(name(c.name) if show_personal else _masked(c) for c in table.columns)
        nothing = f"SELECT {', '.join(f'NULL AS {name(c)}' for c in table.column_names)}, []::VARCHAR[] AS reasons"
        source = f"read_parquet({literal(f'{folder}/*.parquet')})" if files else f"({nothing} LIMIT 0)"
        chosen = f"list_contains(reasons, {literal(reason)})" if reason else "true"
        db.execute(f"CREATE VIEW rejected AS SELECT {columns}, reasons FROM {source} WHERE {chosen}")
        [(count,)] = db.execute("SELECT count(*) FROM rejected").fetchall()
        yield Rejected(db, count)


def _masked(column: Column) -> str:
    """The column, in which a text is masked that people may have written: any may stand where another kind belongs."""
    shown, seen = name(column.name), f"{name(column.name)} IS NULL"
    if not column.personal:
        seen += f" OR regexp_full_match({shown}, {literal(_PLAIN[column.type])})"
    return f"CASE WHEN {seen} THEN {shown} ELSE {literal(_MASK)} END AS {shown}"
