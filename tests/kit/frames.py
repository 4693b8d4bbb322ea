"""What the Spark tests share: one local session, and tiny frames made of rows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.kit.harness import ONE_COMPILER

if TYPE_CHECKING:  # tests/unit needs no Spark, and is collected where there is none
    from pyspark.sql import DataFrame, SparkSession

LOCAL_COMMITTER = "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"

Rows: TypeAlias = Sequence[Mapping[str, Any]]
MakeFrame: TypeAlias = "Callable[[Rows, str], DataFrame]"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One local session for all tests, with the settings that change results as the jobs have them."""
    from pyspark.sql import SparkSession

    from daybook.spark.result_settings import RESULT_SETTINGS

    resources = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # These tests write local files; the committer of the jobs knows object stores only.
        "spark.sql.sources.commitProtocolClass": LOCAL_COMMITTER,
        # Most of a test's time goes into compiling what runs once.
        "spark.driver.extraJavaOptions": ONE_COMPILER,
    }
    builder = SparkSession.builder.master("local[2]").appName("daybook tests")
    for key, value in {**RESULT_SETTINGS, **resources}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def make_frame(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> MakeFrame:
    """Make a frame of rows, each a mapping from column to text, number or None, and of a schema in DDL.

    It goes through a file: a frame of Python objects would start Python workers, and a literal one would be
    computed while planning.
    """
    folder = tmp_path_factory.mktemp("frames")
    numbers = itertools.count()

    def frame(rows: Rows, schema: str) -> DataFrame:
        path = folder / f"{next(numbers)}.json"
        path.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), encoding="utf-8")
        return spark.read.schema(schema).option("mode", "FAILFAST").json(str(path))

    return frame
