"""The accounts that the README and the data dictionary make: enough for both extractions, and to no write.

What stands there for PostgreSQL and Cassandra is run as it stands.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest

from local import dictionary
from local.accounts import cassandra, postgres
from tests.kit import guides
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import DAY, succeeds

MAY_READ = """
SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND has_column_privilege(%s, attrelid, attnum, 'SELECT')"""
GRANT_OF_COLUMNS = re.compile(r"GRANT SELECT \((.*)\) ON public\.(\w+) TO ")


def guided(language: str, password: str) -> str:
    """What the pages say is to be run, in their order, for a role `rights` of the local stack."""
    said = "".join(block.text for block in guides.blocks(language))
    places = {"PG_SCHEMA": "public", "CASSANDRA_KEYSPACE": "social", "daybook": "rights", "…": password}
    for word, meant in places.items():
        said = said.replace(word, meant)
    return said


@contextmanager
def granted(daybook: Daybook) -> Iterator[dict[str, str]]:
    """Roles of both databases with the guides' rights and no other, until the block ends."""
    password = secrets.token_hex(16)
    with (
        closing(daybook.postgres("admin")) as server,
        server.cursor() as run,
        cassandra.connect(daybook.stack.settings("admin")) as session,
    ):
        server.autocommit = True
        run.execute(guided("postgresql", password))
        for statement in cassandra.statements(guided("cql", password)):
            session.execute(statement)
        try:
            yield {
                **{"PGUSER": "rights", "PGPASSWORD": password},
                **{"CASSANDRA_USERNAME": "rights", "CASSANDRA_PASSWORD": password},
            }
        finally:
            session.execute("DROP ROLE rights")
            run.execute("DROP OWNED BY rights; DROP ROLE rights")


@pytest.mark.parametrize("job", ["extract_postgres", "extract_cassandra"])
def test_the_dictionarys_rights_are_enough(daybook: Daybook, driver: Driver, job: str) -> None:
    with granted(daybook) as role:
        succeeds(driver.run(job, "--ds", DAY, **daybook.own_lake(f"rights_{job}"), **role))


def test_with_the_dictionarys_rights_a_password_stays_unreadable(daybook: Daybook) -> None:
    with (
        granted(daybook) as role,
        closing(postgres.connect(daybook.stack.settings("etl") | role)) as server,
        server.cursor() as run,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        run.execute("SELECT password FROM users")


def test_with_the_readmes_role_nothing_is_written(daybook: Daybook) -> None:
    with (
        granted(daybook) as role,
        closing(postgres.connect(daybook.stack.settings("etl") | role)) as server,
        server.cursor() as run,
        pytest.raises(psycopg2.errors.ReadOnlySqlTransaction),
    ):
        run.execute("CREATE TEMPORARY TABLE notes AS SELECT 1")


def test_the_local_stack_grants_the_dictionarys_rights(daybook: Daybook) -> None:
    with daybook.postgres("admin") as server, server.cursor() as run:
        run.execute(MAY_READ, [postgres.ETL])
        found = {(table, column) for table, column in run.fetchall()}
    columns = GRANT_OF_COLUMNS.findall("\n".join(dictionary.grants("public", "social")))
    assert found == {(table, column) for names, table in columns for column in names.split(", ")}
