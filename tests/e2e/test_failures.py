"""A failing job says in one line what, where and what next, with the exit code of its kind, and publishes nothing."""

import pytest
from harness import Daybook, Ended

pytestmark = pytest.mark.e2e


def fails(ended: Ended, code: int, *words: str) -> None:
    assert ended.code == code, ended.output
    for word in words:
        assert word in ended.last_line, ended.output
    assert "Traceback" not in ended.output, ended.output


def test_a_malformed_day_is_refused_before_spark_starts(daybook: Daybook) -> None:
    for job in ("extract_postgres", "extract_cassandra", "silver", "gold"):
        ended = daybook.submit(job, "--ds", "2025-02-30")
        fails(ended, 2, "'2025-02-30' is not a day of the form YYYY-MM-DD")
        assert "Spark UI" not in ended.output
    fails(daybook.load("--ds", "20250301"), 2, "'20250301' is not a day of the form YYYY-MM-DD")


def test_a_missing_setting_is_named_before_spark_starts(daybook: Daybook) -> None:
    ended = daybook.submit("extract_postgres", "--ds", "2025-03-01", PGPASSWORD="")
    fails(ended, 2, "setting PGPASSWORD is missing")
    assert "Spark UI" not in ended.output


def test_missing_inputs_name_the_command_that_makes_them(daybook: Daybook) -> None:
    fails(daybook.submit("silver", "--ds", "2025-01-15", "--table", "users"), 1,
          "bronze _postgres 2025-01-15", "spark-submit jobs/extract_postgres.py --ds 2025-01-15")  # fmt: skip
    fails(daybook.submit("gold", "--ds", "2025-01-15"), 1, "spark-submit jobs/silver.py --ds 2025-01-15")
    fails(daybook.load("--ds", "2025-01-15"), 1, "spark-submit jobs/gold.py --ds 2025-01-15")


def test_a_wrong_password_is_told_as_one_and_never_shown(daybook: Daybook) -> None:
    ended = daybook.submit("extract_postgres", "--ds", "2025-01-15", PGPASSWORD="canary-7f3a")
    fails(ended, 2, "PostgreSQL", "password authentication failed")
    assert "canary-7f3a" not in ended.output
    ended = daybook.submit("silver", "--ds", "2025-01-15", AWS_SECRET_ACCESS_KEY="canary-7f3a")
    fails(ended, 2, "SignatureDoesNotMatch")
    assert "canary-7f3a" not in ended.output


@pytest.mark.parametrize("right", ["(email)", "(ctid, id, first_name, last_name, email, created_at, updated_at)"])
def test_a_missing_right_is_named(daybook: Daybook, right: str) -> None:
    with daybook.postgres("admin") as server, server.cursor() as cursor:
        cursor.execute(f"REVOKE SELECT {right} ON users FROM daybook_etl")
    try:
        ended = daybook.submit("extract_postgres", "--ds", "2025-01-15")
    finally:
        with daybook.postgres("admin") as server, server.cursor() as cursor:
            cursor.execute(f"GRANT SELECT {right} ON users TO daybook_etl")
    fails(ended, 2, "permission denied for table users", "README")


def test_a_renamed_column_breaks_the_contract_and_nothing_is_published(daybook: Daybook) -> None:
    def rename(old: str, new: str) -> None:
        with daybook.postgres("admin") as server, server.cursor() as cursor:
            cursor.execute(f"ALTER TABLE groups RENAME COLUMN {old} TO {new}")

    before = daybook.store.sizes(daybook.lake.bronze)
    rename("description", "about")
    try:
        ended = daybook.submit("extract_postgres", "--ds", "2025-01-15")
    finally:
        rename("about", "description")
    fails(ended, 3, "PostgreSQL table public.groups has no column description; found id, name, about")
    assert daybook.store.sizes(daybook.lake.bronze) == before


def test_a_server_that_is_away_may_pass_on_a_retry(daybook: Daybook) -> None:
    fails(daybook.submit("extract_postgres", "--ds", "2025-01-15", PGPORT="1"), 1, "PostgreSQL", "127.0.0.1:1")
    fails(daybook.submit("extract_cassandra", "--ds", "2025-01-15", CASSANDRA_PORT="1"), 1, "Cassandra")
    ended = daybook.submit("silver", "--ds", "2025-01-15", AWS_ENDPOINT_URL_S3="http://127.0.0.1:1")
    fails(ended, 1, "object store http://127.0.0.1:1: not reached")
