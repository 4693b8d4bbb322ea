"""DuckDB as this package uses it: nothing fetched from outside, failures told in one line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from daybook import commands
from daybook.errors import DataError, RetryableError, first_line
from daybook.spark.scratch import try_out
from daybook.warehouse.schema import name

# All that is needed is linked in; nothing may be downloaded at run time, nor a secret kept on disk.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_persistent_secrets": "false",
}


def in_memory(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection to no file; what does not fit into memory spills into `folder`."""
    return duckdb.connect(":memory:", config={**_CLOSED, "temp_directory": str(folder)})


def reader(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a file, as an analyst opens it."""
    return duckdb.connect(str(path), read_only=True, config=_CLOSED)


def insert(
    db: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Add rows to a table that has these columns (name → type), as one text.

    Of each value that Python binds DuckDB asks anew whether there is a pandas.
    """
    text = json.dumps([dict(zip(types, row, strict=True)) for row in rows], default=str)
    shape = json.dumps([dict(types)])
    db.execute(f"INSERT INTO {name(table)} SELECT unnest(from_json(?, ?), max_depth := 2)", [text, shape])


@contextmanager
def explaining(what: str, written: Path | None = None) -> Iterator[None]:
    """Turn what DuckDB may raise while `what` is done, in a folder that is `written` to, into the project's errors.

    Raises:
        DataError: a value or a file is not what it should be.
        RetryableError: disk or memory failed.
        OSError: the folder cannot be written to, and why; DuckDB itself gives no code.
    """
    try:
        yield
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException) as error:
        raise DataError(f"{what}: {type(error).__name__}") from None  # its words quote the value
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if written:
            try_out(str(written))
        then = f"run the same command again; if it stays, `{commands.REBUILD}` makes the file anew from gold"
        raise RetryableError(f"{what}: {first_line(error)}", then=then) from error
