"""The lake hands out the batch that holds a table-day, with its places and the command that makes it."""

from datetime import date

import pytest

from daybook import settings
from daybook.contracts import CASSANDRA_TABLES, GOLD_TABLES, POSTGRES_TABLES, SOURCE_TABLES
from daybook.lake.paths import Batch, Lake, batch_of

DAY = date(2025, 3, 1)
LAKE = Lake(settings.lake({"DAYBOOK_GOLD": "s3a://lake/gold"}))


def test_all_tables_of_postgres_share_one_bronze_batch_and_each_of_cassandra_has_its_own() -> None:
    assert {LAKE.bronze(table, DAY).manifest for table in POSTGRES_TABLES} == {
        "s3a://bronze/_postgres/2025-03-01/_MANIFEST.json"
    }
    for table in CASSANDRA_TABLES:
        assert LAKE.bronze(table, DAY).manifest == f"s3a://bronze/{table.name}/2025-03-01/_MANIFEST.json"


def test_silver_and_gold_have_a_batch_for_each_table() -> None:
    for table in SOURCE_TABLES:
        assert str(LAKE.silver(table, DAY)) == f"silver {table.name} 2025-03-01"
    for gold in GOLD_TABLES:
        assert LAKE.gold(gold, DAY).manifest == f"s3a://lake/gold/{gold.name}/2025-03-01/_MANIFEST.json"


def test_a_batch_knows_the_folders_of_its_tables() -> None:
    bronze, silver = LAKE.bronze(POSTGRES_TABLES[0], DAY), LAKE.silver(POSTGRES_TABLES[0], DAY)
    assert bronze.dataset("users").folder == "s3a://bronze/users/2025-03-01/users.csv"
    assert silver.dataset("users").folder == "s3a://silver/users/2025-03-01/users.parquet"
    assert silver.rejected("users").folder == "s3a://silver/_rejected/users/2025-03-01/users.parquet"


def test_a_batch_is_found_again_by_its_manifest() -> None:
    for batch in (LAKE.bronze(POSTGRES_TABLES[0], DAY), LAKE.gold(GOLD_TABLES[0], DAY)):
        assert batch_of(batch.layer, batch.manifest) == batch


@pytest.mark.parametrize(
    ("batch", "job"),
    [(LAKE.bronze(POSTGRES_TABLES[0], DAY), "extract_postgres"), (LAKE.bronze(CASSANDRA_TABLES[0], DAY),
     "extract_cassandra"), (LAKE.silver(SOURCE_TABLES[0], DAY), "silver"), (LAKE.gold(GOLD_TABLES[0], DAY), "gold")],
    ids=str,
)  # fmt: skip
def test_a_batch_names_the_command_that_makes_it(batch: Batch, job: str) -> None:
    assert batch.command == f"spark-submit jobs/{job}.py --ds 2025-03-01"
