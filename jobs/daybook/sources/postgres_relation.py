"""What PostgreSQL says of a table, held to its contract."""

from dataclasses import dataclass, field

from psycopg2.extensions import connection as Connection

from daybook.contracts.model import SourceTable
from daybook.errors import DataError
from daybook.sources import contract, postgres_sql


@dataclass(frozen=True)
class Relation:
    """What the server says of a table: its columns' types, and whether block ranges can split it."""

    types: dict[str, str]
    blocks: int | None
    extra: list[str] = field(default_factory=list)


def look_up(connection: Connection, schema: str, table: SourceTable) -> Relation:
    """Look a table up and hold it to its contract.

    Raises:
        DataError: it is missing, or lacks a column, or has one of a type that is not accepted.
    """
    name = f"{schema}.{table.name}"
    with connection.cursor() as cursor:
        cursor.execute(postgres_sql.COLUMNS, (schema, table.name))
        found: dict[str, str] = dict(cursor.fetchall())
        if not found:
            raise DataError(f"PostgreSQL table {name} does not exist; expected {', '.join(table.column_names)}")
        contract.check(table, f"PostgreSQL table {name}", found, postgres_sql.ACCEPTED, windows=postgres_sql.TIMES)
        cursor.execute(postgres_sql.BLOCKS, (schema, table.name))
        blocks = cursor.fetchone()
    return Relation(found, blocks[0] if blocks else None, table.unknown(found))
