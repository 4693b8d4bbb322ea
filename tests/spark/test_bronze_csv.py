"""The CSV dialect: what is written is read again, to the byte, by Spark, by Python and by DuckDB."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.lake import csv as dialect
from daybook.lake import frames

HOSTILE = [
    None, "", " ", "  a  ", "\t", "a,b", '"', '""', '"a"', 'a"b', "a\nb", "a\rb", "a\r\nb", "\n", "\r\n", "\\", "\\\\",
    '\\"', "\\N", "NULL", "null", "None", "NaN", "=1+1", "@x", "#comment", "'", ";", "\u0000", "a\u0000b", "\ufeffbom",
    "\u2028", "\u0085", "😀", "مرحبا", "e\u0301", "x" * 1_000_000, "2025-03-01", "-", "0", "true",
    "a,\nb\",\"c", "\x02",
]  # fmt: skip


def written(make_frame: Any, folder: Path) -> list[tuple[int, str | None, str | None]]:
    rows = [{"n": n, "first": a, "second": HOSTILE[-1 - n]} for n, a in enumerate(HOSTILE)]
    frame = make_frame(rows, "n int, first string, second string").selectExpr("string(n)", "first", "second")
    frame.coalesce(1).write.options(**dialect.WRITE).csv(str(folder))
    return [(row["n"], row["first"], row["second"]) for row in rows]


def test_every_text_survives_spark(spark: Any, make_frame: Any, tmp_path: Path) -> None:
    expected = written(make_frame, tmp_path / "t")
    files = [str(path) for path in (tmp_path / "t").glob("*.csv")]
    rows = frames.read_csv(spark, files, ("n", "first", "second")).collect()
    assert [(int(r.n), r.first, r.second) for r in sorted(rows, key=lambda r: int(r.n))] == expected


def test_every_text_survives_python_which_shows_null_as_empty(make_frame: Any, tmp_path: Path) -> None:
    expected = written(make_frame, tmp_path / "t")
    csv.field_size_limit(2**31 - 1)
    [path] = (tmp_path / "t").glob("*.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    assert header == ["n", "first", "second"]
    assert [tuple(row) for row in rows] == [(str(n), a or "", b or "") for n, a, b in expected]


def test_every_text_survives_duckdb(make_frame: Any, tmp_path: Path) -> None:
    expected = written(make_frame, tmp_path / "t")
    rows = duckdb.sql(
        f"""SELECT * FROM read_csv('{tmp_path}/t/*.csv', header = true, all_varchar = true, delim = ',', quote = '"',
            escape = '"', allow_quoted_nulls = false, max_line_size = 20_000_000)"""
    ).fetchall()
    assert [(int(n), a, b) for n, a, b in rows] == expected


def test_columns_in_another_order_are_refused(spark: Any, make_frame: Any, tmp_path: Path) -> None:
    written(make_frame, tmp_path / "t")
    files = [str(path) for path in (tmp_path / "t").glob("*.csv")]
    with pytest.raises(Exception, match="CSV header does not conform to the schema"):
        frames.read_csv(spark, files, ("first", "n", "second")).collect()
