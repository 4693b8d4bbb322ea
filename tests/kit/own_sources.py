"""All nine source tables of a test's own, beside the shared ones on the same servers, and rows for them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from cassandra.concurrent import execute_concurrent_with_args
from psycopg2.extras import execute_values

from daybook.contracts.model import SourceTable
from local.accounts import cassandra
from tests.kit.harness import Daybook
from tests.kit.sources import CASSANDRA_SCRIPT, POSTGRES_SCRIPT, cassandra_keyspace, postgres_schema

Row = Mapping[str, Any]


def good_row(table: SourceTable, number: int, at: datetime) -> dict[str, Any]:
    """A row that keeps every rule: all its ids are made of the number, all its times are the same."""
    by_type = {"uuid": UUID(int=number), "timestamp": at, "decimal(18,6)": Decimal(1)}
    by_name = {"email": "a@b", "currency": "EUR", "scheduled_at": at.isoformat()}
    row = {c.name: by_name.get(c.name, by_type.get(c.type, "text")) for c in table.columns}
    return row | dict.fromkeys(table.never_read, "secret")


@dataclass(frozen=True)
class Sources:
    """All tables, empty at first; `settings` make a job read them."""

    name: str
    settings: dict[str, str]
    server: Any
    session: Any

    def insert(self, table: SourceTable, rows: Sequence[Row]) -> None:
        """Add rows, which all have the same columns."""
        names = list(rows[0])
        values = [tuple(row[name] for name in names) for row in rows]
        target = f"{self.name}.{table.name} ({', '.join(names)})"
        if table.source == "cassandra":
            insert = self.session.prepare(f"INSERT INTO {target} VALUES ({', '.join('?' * len(names))})")
            execute_concurrent_with_args(self.session, insert, values)
            return
        with self.server.cursor() as cursor:
            texts = [tuple(str(value) if isinstance(value, UUID) else value for value in row) for row in values]
            execute_values(cursor, f"INSERT INTO {target} VALUES %s", texts)


@contextmanager
def own_sources(daybook: Daybook, name: str) -> Iterator[Sources]:
    """Make the tables, readable by the jobs; they are dropped when the block ends."""
    with (
        postgres_schema(daybook, name, POSTGRES_SCRIPT) as schema,
        cassandra_keyspace(daybook, name, CASSANDRA_SCRIPT) as keyspace,
        closing(daybook.postgres("admin")) as server,
        cassandra.connect(daybook.stack.settings("admin")) as session,
    ):
        server.autocommit = True
        yield Sources(name, schema | keyspace, server, session)
