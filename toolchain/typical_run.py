"""What a day makes Spark load, in small and without a server: `class_archive` runs it once, as a driver of Spark."""

import sys
from contextlib import suppress

from pyspark.sql import DataFrame, Observation, SparkSession, Window
from pyspark.sql import functions as F

# To this machine's disk, for once, and asking once.
ALONE: dict[str, bool | float | int | str | None] = {
    "spark.hadoop.pathoutputcommit.reject.fileoutput": "false",
    "spark.hadoop.fs.s3a.attempts.maximum": "1",
    "spark.hadoop.fs.s3a.retry.limit": "0",
}
# Nothing listens there: their classes are loaded all the same.
NOWHERE = {
    "org.apache.spark.sql.cassandra": {
        "keyspace": "none",
        "table": "none",
        "spark.cassandra.connection.host": "127.0.0.1",
        "spark.cassandra.connection.port": "1",
        "spark.cassandra.auth.username": "none",
        "spark.cassandra.auth.password": "none",
    },
    "jdbc": {"url": "jdbc:postgresql://127.0.0.1:1/none", "dbtable": "none"},
    "parquet": {"path": "s3a://none/none"},
}


def main(folder: str) -> None:
    """Write and read CSV and Parquet, judge, rank, join and add up; knock at doors behind which is nobody."""
    spark = SparkSession.builder.config(map=ALONE).getOrCreate()
    seen = Observation()
    rows = spark.range(100).select(F.col("id").cast("string").alias("key"), F.lit("2025-03-01T10:00:00Z").alias("at"))
    rows.observe(seen, F.count(F.lit(1)).alias("rows")).write.option("header", True).csv(f"{folder}/csv")
    typed = _typed(spark.read.schema("key string, at string").csv(f"{folder}/csv", header=True, multiLine=True))
    typed.write.option("compression", "zstd").partitionBy("day").parquet(f"{folder}/parquet")
    stored = spark.read.parquet(f"{folder}/parquet")
    stored.join(stored.groupBy("day").agg(F.countDistinct("key"), F.sum("amount")), "day").collect()
    for format_, options in NOWHERE.items():
        with suppress(Exception):
            spark.read.format(format_).options(**options).load()
    spark.stop()


def _typed(rows: DataFrame) -> DataFrame:
    key = F.when(F.trim("key").rlike("^[0-9]+$"), F.trim("key"))
    rank = F.row_number().over(Window.partitionBy("key").orderBy(F.col("at").desc_nulls_last()))
    at = F.try_to_timestamp("at")
    amount = F.expr("try_cast(key AS decimal(18,6))")
    typed = rows.select(key.alias("key"), at.alias("at"), F.to_date(at).alias("day"), amount.alias("amount"))
    return typed.withColumn("rank", rank).where("rank = 1").drop("rank")


if __name__ == "__main__":
    main(sys.argv[1])
