"""A column's type has one home: each system holds what the contracts' types say, and each source can give them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pytest
from pyspark.sql import SparkSession

from daybook.contracts.gold_model import GoldColumn
from daybook.contracts.types import OF_GOLD, OF_SOURCES, TYPES
from daybook.sources import cassandra, postgres_sql
from daybook.warehouse import schema

# A value of each of gold's types in Spark's SQL, and as Python finds it in the warehouse's own words.
VALUES = {
    "uuid": ("'00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
    "string": ("'Ünï'", "Ünï"),
    "timestamp": ("TIMESTAMP '2025-03-01 10:00:00.000001Z'", "2025-03-01 10:00:00.000001+00"),
    "date": ("DATE '2025-03-01'", "2025-03-01"),
    "int": ("-7", "-7"),
    "bigint": ("9007199254740993L", "9007199254740993"),
    "duration": ("INTERVAL '0 00:00:01.5' DAY TO SECOND", "00:00:01.5"),
    "money": ("0.29D", "0.29"),
    "boolean": ("true", "true"),
}


@pytest.mark.parametrize("name", OF_GOLD)
def test_a_value_comes_from_spark_through_parquet_into_the_warehouse(
    spark: SparkSession, tmp_path: Path, name: str
) -> None:
    sql, text = VALUES[name]
    frame = spark.sql(f"SELECT {sql} AS a")
    frame.write.parquet(str(tmp_path / "gold"))
    column, parquet = GoldColumn("a", name, "A value."), f"read_parquet('{tmp_path}/gold/*.parquet')"
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        [(_, found, *_)] = db.execute(f"DESCRIBE SELECT * FROM {parquet}").fetchall()
        loaded = db.execute(f"SELECT typeof(a), a::VARCHAR FROM (SELECT {schema.typed(column)} AS a FROM {parquet})")
        assert (frame.dtypes[0][1], found) == (column.type_in.spark, column.type_in.parquet)
        assert loaded.fetchone() == (column.type_in.duckdb, text)


@pytest.mark.parametrize("accepted", [postgres_sql.ACCEPTED, cassandra.ACCEPTED], ids=["postgres", "cassandra"])
def test_each_source_says_from_which_of_its_types_each_type_is_read(accepted: Mapping[str, Sequence[str]]) -> None:
    assert {*accepted} == {*OF_SOURCES} and all(accepted.values())


def test_every_type_is_of_a_source_or_of_gold() -> None:
    assert {*OF_SOURCES} | {*OF_GOLD} == {*TYPES}
