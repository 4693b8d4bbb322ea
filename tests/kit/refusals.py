"""What `test_refusals.py` sets up in PostgreSQL: roles, databases and views that refuse."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from local.accounts import postgres
from tests.kit.harness import Daybook

SECRET = "canary-9d1c"
# What each role cannot do; it could read.
ROLES = {
    "daybook_full": "CONNECTION LIMIT 0",
    "daybook_nologin": "NOLOGIN",
    "daybook_expired": "VALID UNTIL '2020-01-01'",
    "daybook_hasty": "SET statement_timeout = '2s'",
}
DATABASES = {
    "errors_full": "CONNECTION LIMIT 0",
    "errors_closed": "",
    "Errors private": "",
    "errors_ascii": "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
}
# A name in Latin-1, in a database that checks no encoding.
BAD_TEXT = r"INSERT INTO groups VALUES (gen_random_uuid(), E'caf\351', 'x', now(), now())"
# In each schema `groups` is a view with a description that is made by this expression, and the function by this body.
VIEWS = {
    "errors_division": ("(1 / (length(name) * 0))::text", None),
    "errors_slow": ("pg_sleep(1)::text", None),
    "errors_raise": ("errors_raise.out()", "RAISE EXCEPTION 'not today'"),
    "errors_writes": ("errors_writes.out()", "CREATE TABLE errors_writes.seen ()"),
    "errors_names_none": ("errors_names_none.out()", "PERFORM * FROM errors_names_none.nothing"),
}


@contextmanager
def refusing(daybook: Daybook) -> Iterator[None]:
    """All of it, until the block ends."""
    with closing(daybook.postgres("admin")) as server, server.cursor() as run:
        server.autocommit = True
        try:
            _roles_and_databases(run)
            _views(run)
            _tables(daybook, "errors_ascii", BAD_TEXT)
            _tables(daybook, "errors_closed", "SELECT")
            run.execute("ALTER DATABASE errors_closed ALLOW_CONNECTIONS false")
            yield
        finally:
            for schema in VIEWS:
                run.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            for database in DATABASES:
                run.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            for role in ROLES:
                run.execute(f"DROP ROLE IF EXISTS {role}")


def _roles_and_databases(run: Any) -> None:
    for role, limit in ROLES.items():
        run.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}' IN ROLE {postgres.ETL}")
        run.execute(f"ALTER ROLE {role} {limit}")
    for database, options in DATABASES.items():
        run.execute(f'CREATE DATABASE "{database}" {options}')
    run.execute('REVOKE CONNECT ON DATABASE "Errors private" FROM PUBLIC')


def _views(run: Any) -> None:
    for schema, (description, body) in VIEWS.items():
        run.execute(f"CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO {postgres.ETL}")
        if body:
            whole = f"BEGIN {body}; RETURN 'x'; END"
            run.execute(f"CREATE FUNCTION {schema}.out() RETURNS text LANGUAGE plpgsql AS $${whole}$$")
        for table in postgres.READABLE:
            columns = f"id, name, {description} AS description, created_at, updated_at" if table == "groups" else "*"
            run.execute(f"CREATE VIEW {schema}.{table} AS SELECT {columns} FROM public.{table} LIMIT 3")
        run.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {postgres.ETL}")


def _tables(daybook: Daybook, database: str, more: str) -> None:
    """Tables that can be read in one of the databases, and what is more there."""
    admin = daybook.stack.settings("admin")
    with closing(postgres.connect(admin, database)) as there, there, there.cursor() as run:
        run.execute(postgres.SCHEMA_FILE.read_text())
        run.execute(more)
        run.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {postgres.ETL}")
