"""A PostgreSQL schema of a test's own, users written into it together with their membership, and what bronze has."""

import csv
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from itertools import count
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from psycopg2 import sql

from daybook.lake import manifest
from daybook.lake.manifest import Live
from local.accounts import postgres
from tests.kit.harness import Daybook
from tests.kit.sources import POSTGRES_SCRIPT, postgres_schema

# A page of the table holds some 60 users: so many are more than one partition reads.
PREFILLED = 1000
_PAIR = (
    """INSERT INTO {}.users (id, email, password, created_at, updated_at)
       VALUES (%(id)s, 'a@example.org', '-', '2025-01-01Z', '2025-01-01Z')""",
    "INSERT INTO {}.groups_users_user VALUES (%(id)s, %(id)s)",
)


@contextmanager
def own_schema(daybook: Daybook, name: str) -> Iterator[Any]:
    """The five tables, with pairs in two of them, and a cursor of the administrator's that commits each statement."""
    with postgres_schema(daybook, name, POSTGRES_SCRIPT), closing(daybook.postgres("admin")) as server:
        server.autocommit = True
        with server.cursor() as run:
            run.execute(f"SET search_path TO {name}")
            for number in range(PREFILLED):
                write_pair(run, name, number)
            yield run


def write_pair(run: Any, schema: str, number: int) -> None:
    """One user and its membership, by two statements; the caller commits."""
    for statement in _PAIR:
        run.execute(sql.SQL(statement).format(sql.Identifier(schema)), {"id": str(UUID(int=number))})


def write_without_pause(admin: Mapping[str, str], schema: str) -> None:
    """Commit pair after pair, until killed or left alone."""
    parent = os.getppid()
    with closing(postgres.connect(admin)) as server, server.cursor() as run:
        for number in count(PREFILLED):
            write_pair(run, schema, number)
            server.commit()
            if os.getppid() != parent:
                return


@contextmanager
def writer(daybook: Daybook, schema: str) -> Iterator[None]:
    """A process that writes pairs for as long as the block lasts."""
    arguments = (daybook.stack.settings("admin"), schema)
    process = get_context("spawn").Process(target=write_without_pause, args=arguments, daemon=True)
    process.start()
    try:
        yield
        assert process.is_alive(), "it wrote to the end"
    finally:
        process.kill()
        process.join()


def live(daybook: Daybook, bronze: str, day: date) -> Live:
    """The manifest of the day's PostgreSQL tables."""
    found = manifest.read(daybook.store, daybook.batch("bronze", "users", day, DAYBOOK_BRONZE=bronze))
    assert found
    return found


def column(daybook: Daybook, found: Live, table: str, name: str) -> list[str]:
    """One column of a bronze table, from the files the manifest names."""
    stored = [daybook.store.get(file.name) for file in found.manifest.tables[table].files]
    assert all(stored)
    return sorted(
        row[name] for part in stored if part for row in csv.DictReader(io.StringIO(part.body.decode(), newline=""))
    )
