"""PostgreSQL → CSV in the object store by COPY, streamed: all tables of the days from one snapshot.

Reads    the tables that extract_postgres reads, its columns and days
Writes   a CSV per table-day: the same texts, NULL empty and the empty string quoted; whole tables again for each day
"""

from datetime import date

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from benchmarks.peers import arguments
from benchmarks.peers.lake import Lake
from daybook import days, settings
from daybook.contracts import POSTGRES_TABLES
from daybook.contracts.model import SourceTable

# to_char gives no text for infinity
_INSTANT = (
    "CASE WHEN isfinite({0}) THEN to_char({0} AT TIME ZONE 'UTC', "
    """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE {0}::text END AS {0}"""
)
_TIMES = """SELECT column_name FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s AND data_type = 'timestamp with time zone'"""


def main() -> None:
    """Copy each table of each day."""
    asked, source = arguments.parse(__doc__, "copy_postgres"), settings.postgres()
    lake = Lake(asked.into)
    with connected(source) as connection, connection.cursor() as cursor:
        for day in asked.days:
            for table in POSTGRES_TABLES:
                file = lake.stream("bronze", table.name, day, "part-0.csv")
                query = select(cursor, source.schema, table, day)
                cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)", file)
                file.close()


def connected(source: settings.Postgres) -> Connection:
    """A connection whose queries all see one snapshot."""
    connection = psycopg2.connect(
        host=source.host,
        port=source.port,
        dbname=source.database,
        user=source.user,
        password=source.password,
        sslmode=source.sslmode,
    )
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    return connection


def select(cursor: Cursor, schema: str, table: SourceTable, day: date) -> str:
    """The query for a table-day, in bronze's texts."""
    cursor.execute(_TIMES, (schema, table.name))
    times = {name for (name,) in cursor.fetchall()}
    columns = ", ".join(_INSTANT.format(name) if name in times else name for name in table.column_names)
    query = f"SELECT {columns} FROM {schema}.{table.name}"
    if not table.window:
        return query
    first, end = (days.sql(bound, zoned=True) for bound in (days.begins(day), days.ends(day)))
    return f"{query} WHERE {table.window.column} >= '{first}' AND {table.window.column} < '{end}'"


if __name__ == "__main__":
    main()
