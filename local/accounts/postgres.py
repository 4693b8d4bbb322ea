"""PostgreSQL: the database with its tables, and a role that may read just what the contracts name."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from daybook.contracts import POSTGRES_TABLES
from local.servers.postgres import DATABASE, SCHEMA

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

SCHEMA_FILE = Path(__file__).parents[1] / "schema.sql"
ETL = "daybook_etl"
# ctid cuts a table into ranges; no contract has users.password, so the role cannot read it
READABLE = {table.name: table.column_names for table in POSTGRES_TABLES}


def connect(settings: Mapping[str, str], database: str | None = None) -> "Connection":
    """Connect with libpq's variables, given explicitly: the caller's own environment must not leak in."""
    return psycopg2.connect(
        host=settings["PGHOST"],
        port=settings["PGPORT"],
        dbname=database or settings["PGDATABASE"],
        user=settings["PGUSER"],
        password=settings["PGPASSWORD"],
        sslmode=settings["PGSSLMODE"],
        connect_timeout=5,
    )


def ready(admin: Mapping[str, str]) -> bool:
    """Whether the administrator can log in."""
    try:
        connect(admin, "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def create(admin: Mapping[str, str], etl_password: str) -> None:
    """Make database, tables, role and grants where they are missing."""
    with closing(connect(admin, "postgres")) as server:
        server.autocommit = True  # CREATE DATABASE refuses a transaction
        with server.cursor() as run:
            run.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if run.fetchone() is None:
                run.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    with closing(connect(admin)) as database, database, database.cursor() as run:
        run.execute(SCHEMA_FILE.read_text())
        run.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ETL])
        role = sql.Identifier(ETL)
        if run.fetchone() is None:
            run.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        # the server logs a statement that fails: it must hold the verifier only, not the password
        verifier = encrypt_password(etl_password, ETL, scope=database, algorithm="scram-sha-256")
        run.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))
        run.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role))
        # servers before 15 let everybody make tables in this schema
        run.execute(sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC").format(sql.Identifier(SCHEMA)))
        run.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(SCHEMA), role))
        for table, columns in READABLE.items():
            run.execute(_grant(table, columns))


def _grant(table: str, columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, ["ctid", *columns]))
    target = sql.Identifier(SCHEMA, table)
    return sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(names, target, sql.Identifier(ETL))
