"""The live warehouse file, as the last load left it."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from daybook import commands
from daybook.contracts.gold_model import GoldTable
from daybook.errors import RetryableError, UsageError, first_line
from daybook.failures import words
from daybook.warehouse import day_origins, engine, file_settings, files, history, restatements
from daybook.warehouse.book import Book, layout
from daybook.warehouse.own_table import OwnTable

Columns = list[tuple[str, str]]


class ForeignFileError(UsageError):
    """The file is no DuckDB database, or none that this version of the loader made."""

    def __init__(self, path: Path, why: str) -> None:
        """Say which file and why."""
        then = f"if DUCKDB_PATH is right, `{commands.REBUILD}` makes it anew from gold"
        super().__init__(f"warehouse {path}: not a Daybook warehouse of this version: {why}", then=then)


@dataclass(frozen=True)
class Predecessor:
    """What a new file replaces: the file at `path`, or nothing, where none is there, or none of ours.

    `book` is what it knows of itself; `keeps_days` says whether its days stay, where no other version of them comes.
    """

    path: Path | None
    book: Book
    keeps_days: bool = True


def predecessor(path: Path, tables: Sequence[GoldTable], rebuild: bool) -> Predecessor:
    """The file that a load replaces; a rebuild does without its tables, and replaces one that is not ours, too.

    Raises:
        ForeignFileError: the file is not ours, and this is no rebuild.
        RetryableError: somebody has it open for writing.
    """
    for needed in (tables, ()):
        try:
            found = book(path, needed)
        except ForeignFileError:
            if not rebuild:
                raise
        else:
            return Predecessor(path if found else None, found or Book(), keeps_days=not rebuild)
    return Predecessor(None, Book(), keeps_days=False)


def book(path: Path, tables: Sequence[GoldTable]) -> Book | None:
    """What the live file knows of itself, or None when there is no file.

    `tables` are those whose columns must be of their contracts' types. What a later Daybook has more than the one that
    made the file may lack: tables, columns, and what a file knows of itself but its history. A file of this version's
    own layout lacks nothing.

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
            _check_own(db, path, history.TABLE)
            given = restatements.TABLE.rows(db) if _check_own(db, path, restatements.TABLE, may_lack=True) else ()
            facts = day_origins.makings(db) if _check_own(db, path, day_origins.TABLE, may_lack=True) else {}
            told = file_settings.kept(db) if _check_own(db, path, file_settings.TABLE, may_lack=True) else {}
            made_by = told.pop(file_settings.LAYOUT, None)
            columns = {table.name: _columns(db, path, table, made_by != layout(tables)) for table in tables}
            return Book(history.loads(db), facts, given, told, columns, made_by)
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


def _check_own(db: duckdb.DuckDBPyConnection, path: Path, table: OwnTable, may_lack: bool = False) -> bool:
    """Whether the table is there, which then has just its columns."""
    found = _found(db, table.name)
    if found != table.types and (found or not may_lack):
        raise _differs(path, table.name, found, table.types)
    return bool(found)


def _columns(db: duckdb.DuckDBPyConnection, path: Path, table: GoldTable, may_lack: bool) -> list[str]:
    """The columns that the file has of a gold table, in the contract's order; an older one may lack some, or all."""
    found = _found(db, table.name)
    names = [column for column, _ in found]
    expected = [
        (column.name, column.type_in.duckdb) for column in table.columns if column.name in names or not may_lack
    ]
    if found != expected:
        raise _differs(path, table.name, found, expected)
    return names


def _found(db: duckdb.DuckDBPyConnection, table: str) -> Columns:
    query = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
    return [(str(column), str(type_)) for column, type_ in db.execute(query, [table]).fetchall()]


def _differs(path: Path, table: str, found: Columns, expected: Columns) -> ForeignFileError:
    wrong = sorted({name for name, _ in set(found) ^ set(expected)}) or ["order of columns"]
    return ForeignFileError(path, f"table {table}: {', '.join(wrong) if found else 'missing'}")
