"""Row-level security hides rows from the count as from the read: the server refuses, and so does the extraction."""

import pytest

from tests.kit.harness import Daybook, Driver
from tests.kit.sources import DAY, POSTGRES_SCRIPT, entry, postgres_schema, refused, succeeds

THEN = "give the role BYPASSRLS, or make a view for the purpose, owned by who sees all rows"
ROWS = """
INSERT INTO users SELECT md5(n::text)::uuid, 'Ann', 'Lee', 'a@b', '-', '2025-03-01Z', '2025-03-01Z'
FROM generate_series(1, 10) AS n;
"""
ENABLED = "ALTER TABLE users ENABLE ROW LEVEL SECURITY;"
HALF = f"{ENABLED} CREATE POLICY half ON users USING (id < '80000000-0000-0000-0000-000000000000');"
# A view of the name that the extraction reads, over the table that is protected.
VIEW = """
ALTER TABLE users RENAME TO stored_users; CREATE VIEW users {options} AS SELECT * FROM stored_users;
GRANT SELECT ON stored_users TO daybook_etl, row_security_other;
GRANT USAGE ON SCHEMA row_security TO row_security_other;"""
OTHERS = "ALTER VIEW users OWNER TO row_security_other;"
FUNCTION = """
ALTER TABLE users RENAME TO stored_users; GRANT SELECT ON stored_users TO daybook_etl;
CREATE FUNCTION name_of(which uuid) RETURNS text LANGUAGE sql STABLE AS
    'SELECT first_name FROM row_security.stored_users WHERE id = which';
CREATE VIEW users AS SELECT id, name_of(id) AS first_name, last_name, email, created_at, updated_at FROM {from_};"""

HIDING = {
    "a policy for half of the rows": (HALF, "users"),
    "no policy at all": (ENABLED, "users"),
    "behind a view of somebody's who does not see all": (HALF + VIEW.format(options="") + OTHERS, "stored_users"),
    "behind a view that reads as who asks": (
        HALF + VIEW.format(options="WITH (security_invoker = true)"), "stored_users"
    ),
    "forced on the owner, who owns the view, too": (
        HALF + "ALTER TABLE users FORCE ROW LEVEL SECURITY;" + VIEW.format(options="")
        + "ALTER TABLE stored_users OWNER TO row_security_other;" + OTHERS, "stored_users"
    ),
    "behind a function that only reading calls": (
        "CREATE TABLE copied AS SELECT * FROM users;" + HALF + FUNCTION.format(from_="copied"), "stored_users"
    ),
}  # fmt: skip
SHOWING = {
    "a view of the owner's": HALF + VIEW.format(options="")
    + "ALTER TABLE stored_users OWNER TO row_security_other;" + OTHERS,
    "a view of an administrator's": HALF + VIEW.format(options=""),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def other_role(daybook: Daybook) -> object:
    """Somebody who may read and is neither the extraction's role nor an administrator."""
    with daybook.postgres("admin") as server, server.cursor() as run:
        run.execute("CREATE ROLE row_security_other")
    yield
    with daybook.postgres("admin") as server, server.cursor() as run:
        run.execute("DROP OWNED BY row_security_other; DROP ROLE row_security_other")


@pytest.mark.parametrize("how", HIDING)
def test_rows_that_are_hidden_from_the_role_are_refused(daybook: Daybook, driver: Driver, how: str) -> None:
    script, table = HIDING[how]
    lake = daybook.own_lake("row_security")
    with postgres_schema(daybook, "row_security", POSTGRES_SCRIPT + ROWS + script) as schema:
        ended = driver.run("extract_postgres", "--ds", DAY, **lake, **schema)
    line = f'query would be affected by row-level security policy for table "{table}"'
    refused(ended, 2, f"{daybook.postgres_address}: {line} -- next: {THEN}")
    assert daybook.stored(lake["DAYBOOK_BRONZE"]) == {}


@pytest.mark.parametrize("how", SHOWING)
def test_a_view_made_for_the_purpose_shows_all_rows(daybook: Daybook, driver: Driver, how: str) -> None:
    lake = daybook.own_lake("row_security_shown")
    with postgres_schema(daybook, "row_security", POSTGRES_SCRIPT + ROWS + SHOWING[how]) as schema:
        succeeds(driver.run("extract_postgres", "--ds", DAY, "--refresh", **lake, **schema))
    assert entry(daybook, lake, "bronze", "users").ledger == {"source": 10, "bronze": 10, "without_time": 0}


def test_a_role_that_bypasses_row_security_reads_all_rows(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("row_security_bypassed")
    with daybook.postgres("admin") as server, server.cursor() as run:
        run.execute("ALTER ROLE daybook_etl BYPASSRLS")
    try:
        with postgres_schema(daybook, "row_security", POSTGRES_SCRIPT + ROWS + HALF) as schema:
            succeeds(driver.run("extract_postgres", "--ds", DAY, **lake, **schema))
    finally:
        with daybook.postgres("admin") as server, server.cursor() as run:
            run.execute("ALTER ROLE daybook_etl NOBYPASSRLS")
    assert entry(daybook, lake, "bronze", "users").ledger["source"] == 10
