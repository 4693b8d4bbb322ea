"""Sources of a test's own, with the columns it wants, and what the lake holds of them afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from daybook.errors import DataError
from daybook.lake import manifest
from daybook.lake.manifest import TableEntry
from daybook.lake.paths import Layer
from local.accounts import cassandra, postgres
from tests.kit.harness import Daybook, Ended

DAY = "2025-03-01"
POSTGRES_SCRIPT = postgres.SCHEMA_FILE.read_text()
CASSANDRA_SCRIPT = cassandra.SCHEMA_FILE.read_text()
# NULL is an empty field, the empty text a quoted one
_DIALECT = """header = true, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, all_varchar = true"""
_READ_CSV = f"read_csv({{}}, {_DIALECT})"
_HAS_CTID = "SELECT relkind IN ('r', 'm', 'p') FROM pg_class WHERE oid = to_regclass(%s)"


@contextmanager
def postgres_schema(daybook: Daybook, name: str, script: str) -> Iterator[dict[str, str]]:
    """A schema made by the script, readable as the data dictionary grants it, until the block ends."""
    with daybook.postgres("admin") as server, server.cursor() as run:
        run.execute(f"CREATE SCHEMA {name}; SET search_path = {name}")
        run.execute(script)
        run.execute(f"GRANT USAGE ON SCHEMA {name} TO {postgres.ETL}")
        for table, columns in postgres.READABLE.items():
            run.execute(_HAS_CTID, [table])
            for (has_ctid,) in run.fetchall():
                named = ", ".join([*(["ctid"] if has_ctid else []), *columns])
                run.execute(f"GRANT SELECT ({named}) ON {table} TO {postgres.ETL}")
    try:
        yield {"PG_SCHEMA": name}
    finally:
        with daybook.postgres("admin") as server, server.cursor() as run:
            # A job of a test that failed may still read: the drop would wait for it, and it for the drop.
            run.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'daybook'")
            run.execute(f"DROP SCHEMA {name} CASCADE")


@contextmanager
def cassandra_keyspace(daybook: Daybook, name: str, script: str) -> Iterator[dict[str, str]]:
    """A keyspace made by the script, with a role that may read it and nothing else, until the block ends.

    The role is the keyspace's own, because a driver that stays keeps a session per login, and such a session hears
    of new tables about a second late.
    """
    password = secrets.token_hex(16)
    with cassandra.connect(daybook.stack.settings("admin")) as session:
        try:
            session.execute(f"CREATE KEYSPACE {name} WITH replication = {{'class': 'SimpleStrategy', "
                            "'replication_factor': 1}")  # fmt: skip
            session.set_keyspace(name)
            for statement in cassandra.statements(script):
                session.execute(statement)
            session.execute(f"CREATE ROLE {name} WITH LOGIN = true AND PASSWORD = '{password}'")
            session.execute(f"GRANT SELECT ON KEYSPACE {name} TO {name}")
            yield {"CASSANDRA_KEYSPACE": name, "CASSANDRA_USERNAME": name, "CASSANDRA_PASSWORD": password}
        finally:
            session.execute(f"DROP ROLE IF EXISTS {name}")
            session.execute(f"DROP KEYSPACE IF EXISTS {name}")


def cassandra_table(name: str) -> str:
    """The statement that makes one table as the demonstration has it."""
    return next(made for made in cassandra.statements(CASSANDRA_SCRIPT) if f" {name} (" in made)


def succeeds(ended: Ended) -> None:
    """The job has done its work."""
    assert ended.code == 0, ended.output


def refused(ended: Ended, code: int, line: str) -> None:
    """The job ended with this exit code and exactly this last line, and no traceback.

    A line that says nothing of what to do next ends as all do that break a contract.
    """
    if " -- next: " not in line:
        line = f"{line} -- next: {DataError.then}"
    assert ended.last_line == f"failed (exit {code}): {line}", ended.output
    assert ended.code == code
    assert "Traceback" not in ended.output, ended.output


def entry(daybook: Daybook, lake: dict[str, str], layer: Layer, table: str) -> TableEntry:
    """What the manifest of the day says of a table."""
    batch = daybook.batch(layer, table, date.fromisoformat(DAY), **lake)
    live = manifest.read(daybook.store, batch)
    assert live, f"{batch} is published"
    return live.manifest.tables[table]


def rows(
    daybook: Daybook, lake: dict[str, str], layer: Layer, table: str, *columns: str, rejected: bool = False
) -> list[tuple[str | None, ...]]:
    """The columns of a table-day as text, in order."""
    found = entry(daybook, lake, layer, table)
    names = [file.name for file in (found.rejected_files if rejected else found.files)]
    suffix = Path(names[0]).suffix
    read = _READ_CSV if suffix == ".csv" else "read_parquet({})"
    with TemporaryDirectory() as folder, duckdb.connect() as reader:
        for number, name in enumerate(names):
            daybook.store.download(name, f"{folder}/{number}{suffix}")
        source = read.format(f"'{folder}/*{suffix}'")
        texts = ", ".join(f"{column}::VARCHAR" for column in columns)
        return reader.execute(f"SELECT {texts} FROM {source} ORDER BY ALL").fetchall()
