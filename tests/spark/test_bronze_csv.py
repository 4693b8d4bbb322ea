"""The CSV dialect: what is written is read again, to the byte, by Spark, by Python and by DuckDB."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from daybook.lake import csv as dialect
from daybook.lake import frames
from tests.kit.hostile import HOSTILE, WITH_NUL, read_as_documented

DAY = date(2025, 3, 1)
TEXTS = (None, *HOSTILE, *WITH_NUL)
COLUMNS = ("first", "n", "last")
ROWS = [dict(zip(COLUMNS, (text, str(n), TEXTS[-1 - n]), strict=True)) for n, text in enumerate(TEXTS)]


def written(make_frame: Any, rows: Sequence[Mapping[str, str | None]], folder: Path) -> Path:
    frame = make_frame(rows, ", ".join(f"{name} string" for name in COLUMNS))
    frame.coalesce(1).write.options(**dialect.WRITE).csv(str(folder))
    return folder


@pytest.fixture(scope="module")
def bronze(make_frame: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every text in a first and in a last column."""
    return written(make_frame, ROWS, tmp_path_factory.mktemp("bronze") / "t")


def by_spark(spark: Any, folder: Path, columns: tuple[str, ...] = COLUMNS) -> list[dict[str, str | None]]:
    return [
        row.asDict()
        for row in frames.read_csv(spark, {DAY: [str(p) for p in folder.glob("*.csv")]}, columns).frame.collect()
    ]


def test_every_text_survives_spark(spark: Any, bronze: Path) -> None:
    assert by_spark(spark, bronze) == ROWS


def test_every_text_survives_python_which_shows_null_as_empty_and_duckdb_which_does_not(bronze: Path) -> None:
    by_python, by_duckdb = read_as_documented(bronze)
    assert by_python == [{name: text or "" for name, text in row.items()} for row in ROWS]
    assert by_duckdb == ROWS


def test_no_text_can_be_the_mark_that_stands_for_the_empty_one(spark: Any, make_frame: Any, tmp_path: Path) -> None:
    rows = [dict(zip(COLUMNS, (dialect.new_mark(), "0", ""), strict=True))]
    assert by_spark(spark, written(make_frame, rows, tmp_path / "t")) == rows
    assert dialect.new_mark() != dialect.new_mark()


def test_what_one_task_writes_is_cut_into_files_that_other_tasks_can_read(spark: Any, tmp_path: Path) -> None:
    number = spark.range(dialect.ROWS_PER_FILE * 2 + 1).selectExpr("string(id) AS n").coalesce(1)
    number.write.options(**dialect.WRITE).csv(str(tmp_path / "t"))
    files = [str(path) for path in sorted((tmp_path / "t").glob("*.csv"))]
    read = [
        frames.read_csv(spark, {DAY: [file]}, ("n",)).frame.agg(F.count("n"), F.sum("n")).collect() for file in files
    ]
    assert [rows for [(rows, _)] in read] == [dialect.ROWS_PER_FILE, dialect.ROWS_PER_FILE, 1]
    assert sum(total for [(_, total)] in read) == dialect.ROWS_PER_FILE * (dialect.ROWS_PER_FILE * 2 + 1)


def test_columns_in_another_order_are_refused(spark: Any, bronze: Path) -> None:
    with pytest.raises(Exception, match="CSV header does not conform to the schema"):
        by_spark(spark, bronze, ("n", "first", "last"))
