"""How what a job deletes is judged by the tests of the whole suite: by its name, its days and its places."""

from datetime import date

import pytest

from daybook.lake.agent import agent
from tests.kit.deletes import Delete

DAY, LAST = date(2025, 3, 1), date(2025, 3, 3)
SILVER = "s3a://silver/test_own"
NAMED = agent("silver", [DAY, LAST], [SILVER])


def test_a_run_names_itself_its_days_and_where_it_writes() -> None:
    assert NAMED == "daybook-silver/2025-03-01..2025-03-03 (s3a://silver/test_own)"
    assert agent("load_duckdb") == "daybook-load_duckdb"
    assert agent("day", [DAY], ["s3a://lake/größe"]) == (
        "daybook-day/2025-03-01..2025-03-01 (s3a://lake/gr%C3%B6%C3%9Fe)"
    )


@pytest.mark.parametrize(
    "name",
    [
        "users/2025-03-01/users.parquet/a-00000.zstd.parquet",
        "_rejected/users/2025-03-03/users.parquet/a-00000.zstd.parquet",
        "users/2025-03-02/_attempts/a/__magic_job-1/x",
        "user_session_events/2025-02-28/user_session_events.parquet/a",
    ],
)
def test_a_table_day_of_its_own_or_beside_it_is_a_jobs_own(name: str) -> None:
    assert not Delete(f"Boto3/1.40 {NAMED}", f"{SILVER}/{name}").is_foreign
    assert not Delete(f"{NAMED}, Hadoop 3.3.4, aws-sdk-java/1.12", f"{SILVER}/{name}").is_foreign


@pytest.mark.parametrize(
    "name",
    [
        f"{SILVER}/users/2025-03-01/_MANIFEST.json",
        f"{SILVER}/users/2025-04-01/users.parquet/a",
        f"{SILVER}/global_user_activity_per_day/2025-03-01/global_user_activity_per_day.parquet/a",
        f"{SILVER}/_runs/2025-03-01/silver.json",
        f"{SILVER}/users/",
        "s3a://silver/users/2025-03-01/users.parquet/a",
        "s3a://bronze/test_own/users/2025-03-01/users.csv/a",
    ],
)
def test_anything_else_is_not(name: str) -> None:
    assert Delete(NAMED, name).is_foreign


@pytest.mark.parametrize("job", ["load_duckdb", "verify", "page", "rejected"])
def test_a_job_that_only_reads_the_store_deletes_nothing(job: str) -> None:
    assert Delete(agent(job, [DAY]), "s3a://gold/users/2025-03-01/users.parquet/a").is_foreign


def test_a_sweep_deletes_of_any_day_what_is_of_daybooks_kind() -> None:
    swept = agent("sweep", (), ["s3a://bronze", "s3a://silver", "s3a://gold"])
    assert not Delete(swept, "s3a://bronze/users/2020-01-01/_attempts/a/x").is_foreign
    assert Delete(swept, "s3a://bronze/users/2020-01-01/notes/x").is_foreign
    assert Delete(swept, "s3a://other/users/2020-01-01/_attempts/a/x").is_foreign


def test_what_others_delete_is_not_judged() -> None:
    assert not Delete("Boto3/1.40 tests", "s3a://gold/anything").is_foreign
