"""The live warehouse file, as the last load left it."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import duckdb

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import RetryableError, UsageError, first_line
from daybook.failures import words
from daybook.warehouse import engine, files, history
from daybook.warehouse.history import Load


class ForeignFileError(UsageError):
    """The file is no DuckDB database, or none that this version of the loader made."""

    def __init__(self, path: Path, why: str) -> None:
        """Say which file and why."""
        then = f"if DUCKDB_PATH is right, `{commands.REBUILD}` makes it anew from gold"
        super().__init__(f"warehouse {path}: not a Daybook warehouse of this version: {why}", then=then)


def read(path: Path, tables: Iterable[GoldTable]) -> list[Load] | None:
    """The load history of the live file, or None when there is no file.

    `tables` are those that must be there with the columns and types of their contracts.

    Raises:
        ForeignFileError: the file is not ours to read.
        RetryableError: somebody has it open for writing.
    """
    if path.exists() and files.has_wal(path):
        _refuse_a_writer(path)
    files.drop_wal(path)
    if not path.exists():
        return None
    try:
        with closing(engine.reader(path)) as db:
            _check_columns(db, path, history.TABLE, [(column, type_) for column, type_, _ in history.COLUMNS])
            for table in tables:
                expected = [(column.name, column.type_in.duckdb) for column in table.columns]
                _check_columns(db, path, table.name, expected)
            return history.read(db)
    except (duckdb.IOException, duckdb.SerializationException) as error:
        if words.LOCKED in str(error):
            raise _open_elsewhere(path, error) from error
        raise ForeignFileError(path, first_line(error)) from error


def _refuse_a_writer(path: Path) -> None:
    """See that the log is not in use; what else may be wrong with it goes away together with it."""
    try:
        engine.reader(path).close()
    except duckdb.Error as error:
        if words.LOCKED in str(error):
            raise _open_elsewhere(path, error) from error


def _open_elsewhere(path: Path, error: Exception) -> RetryableError:
    line = f"warehouse {path}: open for writing elsewhere: {first_line(error)}"
    return RetryableError(line, then="close it there, then run the same command again")


def _check_columns(db: duckdb.DuckDBPyConnection, path: Path, table: str, expected: list[tuple[str, str]]) -> None:
    query = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
    found = [(str(column), str(type_)) for column, type_ in db.execute(query, [table]).fetchall()]
    if found != expected:
        wrong = sorted({name for name, _ in set(found) ^ set(expected)}) or ["order of columns"]
        raise ForeignFileError(path, f"table {table}: {', '.join(wrong) if found else 'missing'}")
