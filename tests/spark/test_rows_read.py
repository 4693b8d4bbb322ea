"""Rows read of silver are held against its manifests: fewer stop gold, more can only be counted twice."""

from datetime import date
from typing import Any

import pytest

from daybook.errors import DataError
from daybook.proof.rows_read import RowsRead

DAYS = [date(2025, 3, 1), date(2025, 3, 2)]


@pytest.mark.parametrize("promised", [2, 3])
def test_as_many_rows_as_promised_or_more_pass(make_frame: Any, promised: int) -> None:
    """Counted before anything is left out, however little of the rows is looked at."""
    read = RowsRead()
    frame = read.watched(make_frame([{"a": n, "b": n} for n in range(3)], "a int, b int"), "users", DAYS, promised)
    assert frame.where("a > 1").select("b").collect() == [(2,)]
    read.check("gold")


def test_one_row_less_is_told_with_the_command_that_makes_it_again(make_frame: Any) -> None:
    read = RowsRead()
    read.watched(make_frame([{"a": 1}], "a int"), "users", DAYS[:1], 1).collect()
    read.watched(make_frame([{"a": 1}] * 1999, "a int"), "user_purchases", DAYS, 2000).collect()
    with pytest.raises(DataError) as refused:
        read.check("gold visits 2025-03-02")
    assert str(refused.value) == (
        "gold visits 2025-03-02: 1,999 rows of silver user_purchases 2025-03-01 to 2025-03-02 were read;"
        " the manifests promise 2,000"
    )
    again = "spark-submit jobs/silver.py --from 2025-03-01 --to 2025-03-02 --table user_purchases --force"
    assert refused.value.then == again


def test_a_frame_without_a_file_is_counted_too(spark: Any) -> None:
    read = RowsRead()
    nothing = spark.read.schema("a int").parquet()
    assert read.watched(nothing, "users", DAYS, 0).groupBy("a").count().collect() == []
    read.check("gold")
