"""Every supported PostgreSQL: what the jobs read, what they may not, and how they wait; on a server of each version."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest

from daybook.contracts import POSTGRES_TABLES
from local import state
from local.accounts import postgres as accounts
from local.servers import postgres
from local.servers.ports import HOST, choose
from tests.kit import hold
from tests.kit.harness import Daybook, Driver, until
from tests.kit.own_sources import Sources, good_row
from tests.kit.sources import entry, refused, rows, succeeds
from toolchain import postgres_versions

DAY = "2025-03-01"
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
ROWS = 5


@dataclass(frozen=True)
class Server:
    """A server of one version, with the tables, some rows, and the jobs' role."""

    major: int
    admin: dict[str, str]
    settings: dict[str, str]

    def run(self, statement: str) -> None:
        """Let the administrator say something."""
        with closing(accounts.connect(self.admin)) as server, server, server.cursor() as run:
            run.execute(statement)

    @property
    def where(self) -> str:
        """As the jobs' lines name it."""
        return f"PostgreSQL {HOST}:{self.settings['PGPORT']}/{postgres.DATABASE} as {accounts.ETL}"


@pytest.fixture(scope="module", params=postgres_versions.MAJORS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    postgres_versions.ensure()
    home: Path = tmp_path_factory.mktemp(f"postgres_{request.param}")
    kept = state.load(home)
    kept.ports = choose(postgres.PORT_NAMES, {})
    where = {"PGHOST": HOST, "PGPORT": str(kept.ports["postgres"]), "PGDATABASE": postgres.DATABASE,
             "PGSSLMODE": "disable", "PG_SCHEMA": postgres.SCHEMA}  # fmt: skip
    admin = where | {"PGUSER": postgres.ADMIN, "PGPASSWORD": kept.secrets["postgres_admin"]}
    etl = where | {"PGUSER": accounts.ETL, "PGPASSWORD": kept.secrets["postgres_etl"]}
    process = postgres.process(home)
    try:
        postgres.start(home, postgres_versions.bin_of(request.param), kept)
        process.wait_until(lambda: accounts.ready(admin), postgres.START_SECONDS)
        accounts.create(admin, kept.secrets["postgres_etl"])
        made = Server(request.param, admin, etl)
        fill(made)
        yield made
    finally:
        process.stop()
        shutil.rmtree(postgres.folder(home), ignore_errors=True)


def fill(server: Server) -> None:
    with closing(accounts.connect(server.admin)) as open_:
        sources = Sources(postgres.SCHEMA, {}, open_, None)
        for table in POSTGRES_TABLES:
            sources.insert(table, [good_row(table, number, NOON) for number in range(1, ROWS + 1)])
        open_.commit()


def test_it_is_the_version_that_is_meant(server: Server) -> None:
    with closing(accounts.connect(server.admin)) as open_:
        assert open_.info.server_version // 10_000 == server.major


def test_all_tables_are_read_whole(daybook: Daybook, driver: Driver, server: Server) -> None:
    lake = daybook.own_lake(f"postgres_{server.major}")
    succeeds(driver.run("extract_postgres", "--ds", DAY, **lake, **server.settings))
    for table in POSTGRES_TABLES:
        ledger = entry(daybook, lake, "bronze", table.name).ledger
        assert (ledger["source"], ledger["bronze"]) == (ROWS, ROWS)
    emails = rows(daybook, lake, "bronze", "users", "email", "created_at")
    assert emails == [("a@b", "2025-03-01T12:00:00.000000Z")] * ROWS


@pytest.mark.parametrize(
    "statement", ["SELECT password FROM users", "INSERT INTO groups SELECT * FROM groups", "CREATE TABLE t ()"]
)
def test_the_role_may_read_what_is_granted_and_nothing_else(server: Server, statement: str) -> None:
    with closing(accounts.connect(server.settings)) as open_, open_.cursor() as run:
        open_.set_session(readonly=False)  # whatever the role prefers
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            run.execute(statement)


def test_a_right_that_is_missing_is_named_with_the_grant(daybook: Daybook, driver: Driver, server: Server) -> None:
    lake = daybook.own_lake(f"postgres_{server.major}_right")
    server.run(f"REVOKE SELECT (email) ON users FROM {accounts.ETL}")
    ended = driver.run("extract_postgres", "--ds", DAY, **lake, **server.settings)
    grant = f"GRANT SELECT (email) ON {postgres.SCHEMA}.users TO {accounts.ETL}"
    server.run(grant)
    refused(ended, 2, f"{server.where}: permission denied for table users -- next: {grant}")
    succeeds(driver.run("extract_postgres", "--ds", DAY, **lake, **server.settings))


def test_it_waits_for_a_locked_table_and_says_for_whom(daybook: Daybook, driver: Driver, server: Server) -> None:
    lake = daybook.own_lake(f"postgres_{server.major}_lock")
    with closing(accounts.connect(server.admin)) as migration, migration.cursor() as run:
        run.execute("SET application_name = 'migration'; LOCK TABLE activities")
        ended = driver.run("extract_postgres", "--ds", DAY, **lake, **server.settings, DAYBOOK_LOCK_WAIT_SECONDS="1")
    assert ended.code == 1, ended.output
    who = "(role postgres, application migration), which holds activities"
    assert f" s (DAYBOOK_LOCK_WAIT_SECONDS) for pid {migration_pid(ended.last_line)} {who}" in ended.last_line


def migration_pid(line: str) -> str:
    return line.partition(" for pid ")[2].partition(" ")[0]


def test_tables_are_held_until_the_last_row_is_read(daybook: Daybook, driver: Driver, server: Server) -> None:
    lake = daybook.own_lake(f"postgres_{server.major}_hold")
    with closing(hold.Relay(hold.LAST, int(server.settings["PGPORT"]))) as relay:
        by_relay = lake | server.settings | {"PGPORT": str(relay.port)}
        driver.begin("extract_postgres", "--ds", DAY, **by_relay)
        until(relay.reached.is_set, "the server has answered", driver)
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            server.run("SET LOCAL lock_timeout = '500ms'; ALTER TABLE users ADD x int")
        relay.go_on.set()
        succeeds(driver.end())
    server.run("ALTER TABLE users ADD x int; ALTER TABLE users DROP x")
    assert entry(daybook, lake, "bronze", "users").rows == ROWS
