"""PostgreSQL, for Airflow: a database of its own, and a role that owns it and sees nothing else."""

from collections.abc import Mapping
from contextlib import closing

from psycopg2 import sql
from psycopg2.extensions import encrypt_password

from local.accounts.postgres import connect

NAME = "airflow"


def drop(admin: Mapping[str, str]) -> None:
    """Take the database away, with all runs it knows; who is connected is disconnected."""
    with closing(connect(admin, "postgres")) as server:
        server.autocommit = True
        with server.cursor() as run:
            run.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))


def create(admin: Mapping[str, str], password: str) -> None:
    """Make role and database where they are missing."""
    with closing(connect(admin, "postgres")) as server:
        server.autocommit = True  # CREATE DATABASE refuses a transaction
        with server.cursor() as run:
            role = sql.Identifier(NAME)
            run.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [NAME])
            if run.fetchone() is None:
                run.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            verifier = encrypt_password(password, NAME, scope=server, algorithm="scram-sha-256")
            run.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))
            run.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
            if run.fetchone() is None:
                run.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
