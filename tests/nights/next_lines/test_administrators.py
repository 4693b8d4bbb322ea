"""What a line asks of those who run PostgreSQL or Cassandra helps: once they did it, the same command ends well."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from daybook.contracts.group_messages import GROUP_MESSAGES
from local.accounts import cassandra, postgres
from tests.kit.harness import Daybook, until
from tests.kit.refusals import SECRET, refusing
from tests.kit.sources import CASSANDRA_SCRIPT, POSTGRES_SCRIPT, cassandra_keyspace, postgres_schema, succeeds
from tests.kit.typed import OF_DAY, Typist, next_of

# What a line asks of whoever runs PostgreSQL: the settings that meet it, what it says, and what he does.
REFUSED: list[tuple[dict[str, str], str, str, str]] = [
    ({"PGUSER": "daybook_full"}, "wait until fewer sessions are open, or raise the limit that it "
     "names, then run the same command again", "postgres", "ALTER ROLE daybook_full CONNECTION LIMIT 9"),
    ({"PGUSER": "daybook_nologin"}, "correct PGUSER or PGDATABASE, or the server's pg_hba.conf",
     "postgres", "ALTER ROLE daybook_nologin LOGIN"),
    ({"PGUSER": "daybook_hasty", "PG_SCHEMA": "errors_slow"}, "see who ended it (ALTER ROLE daybook_hasty RESET "
     "statement_timeout?), then run the same command again", "postgres",
     "ALTER ROLE daybook_hasty RESET statement_timeout"),
    ({"PGDATABASE": "errors_closed"}, "see that the database accepts connections, then run the same command again",
     "postgres", "ALTER DATABASE errors_closed ALLOW_CONNECTIONS true"),
    ({"PG_SCHEMA": "errors_division"}, "repair the view or function that errors_division's tables are made of (the "
     "server's log has its words), then run the same command again", "social",
     "CREATE OR REPLACE VIEW errors_division.groups AS SELECT id, name, description, created_at, updated_at "
     "FROM public.groups"),
    ({"PGDATABASE": "errors_ascii"}, "find the rows (SELECT ctid, * FROM public.groups t WHERE t::text ~ "
     "'[^[:ascii:]]' shows all that may be), write them in UTF-8, then run the same command again", "errors_ascii",
     r"UPDATE groups SET name = E'caf\303\251' WHERE name ~ '[^[:ascii:]]'"),
    ({"PG_SCHEMA": "next_lines_acts"}, "nothing was published; repair the source or its contract, then run the same "
     "command again", "social", "ALTER TABLE next_lines_acts.groups ADD COLUMN description text; "
     "GRANT SELECT (description) ON next_lines_acts.groups TO daybook_etl"),
]  # fmt: skip


@pytest.fixture(scope="module")
def password(daybook: Daybook) -> Iterator[str]:
    """Of the roles of a server that refuses in the kit's ways, and whose schema lacks a column."""
    with refusing(daybook), postgres_schema(daybook, "next_lines_acts", POSTGRES_SCRIPT):
        with closing(daybook.postgres("admin")) as server, server, server.cursor() as admin:
            admin.execute("ALTER TABLE next_lines_acts.groups DROP COLUMN description")
        yield SECRET


@pytest.mark.parametrize(("wrong", "said", "database", "statements"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_a_line_asks_of_the_administrator_of_postgresql_helps(
    typist: Typist, daybook: Daybook, password: str, wrong: dict[str, str], said: str, database: str,
    statements: str,
) -> None:  # fmt: skip
    settings = daybook.own_lake("next_lines_acts") | ({"PGPASSWORD": password} if "PGUSER" in wrong else {}) | wrong
    failed = typist.run("extract_postgres", *OF_DAY, "--refresh", **settings)
    assert failed.code and next_of(failed.last_line) == said, failed.output
    with closing(postgres.connect(daybook.stack.settings("admin"), database)) as server, server.cursor() as admin:
        server.autocommit = True
        admin.execute(statements)
    succeeds(typist.run("extract_postgres", *OF_DAY, "--refresh", **settings))


def test_once_a_table_is_no_longer_locked_the_same_command_reads_it(typist: Typist, daybook: Daybook) -> None:
    settings = daybook.own_lake("next_lines_lock") | {"DAYBOOK_LOCK_WAIT_SECONDS": "0"}
    with closing(daybook.postgres("admin")) as server, server.cursor() as somebody:
        somebody.execute("LOCK TABLE groups IN ACCESS EXCLUSIVE MODE")
        failed = typist.run("extract_postgres", *OF_DAY, **settings)
    assert (failed.code, next_of(failed.last_line)) == (1, "run the same command again when it is done")
    succeeds(typist.run("extract_postgres", *OF_DAY, **settings))


def test_with_a_lower_consistency_a_cluster_of_which_few_nodes_are_up_is_read(typist: Typist, daybook: Daybook) -> None:
    lake, which = daybook.own_lake("next_lines_nodes"), ("--table", GROUP_MESSAGES.name)
    with cassandra_keyspace(daybook, "next_lines_nodes", CASSANDRA_SCRIPT) as settings:
        with cassandra.connect(daybook.stack.settings("admin")) as session:
            copies = "{'class': 'SimpleStrategy', 'replication_factor': 3}"
            session.execute(f"ALTER KEYSPACE next_lines_nodes WITH replication = {copies}")
        failed = typist.run("extract_cassandra", *OF_DAY, *which, **lake, **settings)
        said = next_of(failed.last_line)
        assert failed.code == 1 and "or lower CASSANDRA_CONSISTENCY, then run the same command again" in said
        succeeds(typist.run("extract_cassandra", *OF_DAY, *which, **lake, **settings, CASSANDRA_CONSISTENCY="ONE"))


def test_a_right_that_postgresql_lacks_is_given_by_the_line_and_the_extraction_goes_on(
    typist: Typist, daybook: Daybook
) -> None:
    lake = daybook.own_lake("next_lines_rights")
    with postgres_schema(daybook, "next_lines", POSTGRES_SCRIPT) as schema:
        with closing(daybook.postgres("admin")) as server, server, server.cursor() as admin:
            admin.execute("REVOKE USAGE ON SCHEMA next_lines FROM daybook_etl")
            admin.execute("REVOKE SELECT (email) ON next_lines.users FROM daybook_etl")
        given = 0
        while (ended := typist.run("extract_postgres", *OF_DAY, **lake, **schema)).code:
            with closing(daybook.postgres("admin")) as server, server, server.cursor() as admin:
                admin.execute(next_of(ended.last_line))
            given += 1
            assert given < 3, ended.output
        assert given, "it lacked something"


def test_a_right_that_cassandra_lacks_is_given_by_the_line_and_the_extraction_goes_on(
    typist: Typist, daybook: Daybook
) -> None:
    lake, table = daybook.own_lake("next_lines_rights"), GROUP_MESSAGES.name
    with (
        cassandra_keyspace(daybook, "next_lines", CASSANDRA_SCRIPT) as settings,
        cassandra.connect(daybook.stack.settings("admin")) as session,
    ):
        session.execute("REVOKE SELECT ON KEYSPACE next_lines FROM next_lines")
        ended = typist.run("extract_cassandra", *OF_DAY, "--table", table, **lake, **settings)
        who, said = next_of(ended.last_line).split(": ", 1)
        assert (ended.code, who) == (2, "as an administrator of Cassandra")
        session.execute(said)
        until(  # the cluster keeps what it knows of a role's rights for two seconds
            lambda: not typist.run("extract_cassandra", *OF_DAY, "--table", table, **lake, **settings).code,
            "Cassandra gives the right",
        )
