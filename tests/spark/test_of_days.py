"""Rows of one day and of several: the same counts by day, and for one day nothing is added to a row or moved."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import functions as F

from daybook.days.of_days import OfDays, days_first

DAYS = [date(2025, 3, 1) + timedelta(days=n) for n in range(3)]
ROWS = [(0, 1), (0, 2), (0, 3), (2, 4)]  # day, number; the second day has none


def told(make_frame: Any, days: Sequence[date]) -> OfDays:
    rows = [{"on": str(DAYS[on]), "n": str(n)} for on, n in ROWS if DAYS[on] in days]
    frame = make_frame(rows, "on string, n string")
    return OfDays.told(frame, days, F.col("on").cast("date"), [F.col("n").cast("int").alias("n")])


def plan(rows: OfDays) -> str:
    return str(rows.frame._jdf.queryExecution().optimizedPlan().toString())


@pytest.mark.parametrize("days", [DAYS[:1], DAYS], ids=["one", "several"])
def test_rows_are_counted_by_day_while_they_are_written(make_frame: Any, days: Sequence[date]) -> None:
    rows = told(make_frame, days)
    observed, seen = rows.counted({"rows": F.lit(True), "odd rows": F.col("n") % 2 == 1})
    assert sorted(row.n for row in observed.frame.collect()) == sorted(n for on, n in ROWS if DAYS[on] in days)
    counts = {DAYS[0]: (3, 2), DAYS[1]: (0, 0), DAYS[2]: (1, 0)}
    assert {day: tuple(seen.of(day).values()) for day in days} == {day: counts[day] for day in days}
    assert list(seen.of(days[0])) == ["rows", "odd rows"]


def test_other_aggregates_are_observed_of_one_day_alone(make_frame: Any) -> None:
    total = {"total": F.sum("n")}
    assert told(make_frame, DAYS).observable(total) is None
    one = told(make_frame, DAYS[:1])
    observed, seen = one.counted({}, one.observable(total))
    observed.frame.collect()
    assert seen.of(DAYS[0]) == {"total": 6}


def test_rows_of_one_day_bear_no_mark_and_are_not_moved(make_frame: Any) -> None:
    one, several = told(make_frame, DAYS[:1]), told(make_frame, DAYS)
    assert (one.frame.columns, several.frame.columns) == (["n"], ["_day", "n"])
    for together in (OfDays.one_task_each, OfDays.one_file_each):
        assert together(one) is one
        assert "Repartition" in plan(together(several)) or "Rebalance" in plan(together(several))
    assert (one.folder("s3a://a", DAYS[0]), several.folder("s3a://a", DAYS[1])) == (
        "s3a://a",
        "s3a://a/_day=2025-03-02",
    )
    assert (len(days_first(F.col("n"), DAYS[:1])), len(days_first(F.col("n"), DAYS))) == (0, 1)


def test_a_row_of_several_days_stands_for_each_of_those_asked_for_and_for_no_other(make_frame: Any) -> None:
    frame = make_frame([{"n": "1", "first": "2025-02-28"}, {"n": "2", "first": "2025-03-01"}], "n string, first string")
    first = F.col("first").cast("date")
    on = F.array(first, F.date_add(first, 1))
    found = OfDays.spread(frame, DAYS[:2], on, ["n"]).frame.collect()
    assert sorted((row._day, row.n) for row in found) == [(DAYS[0], "1"), (DAYS[0], "2"), (DAYS[1], "2")]
    assert OfDays.spread(frame, DAYS[:1], on, ["n"]).frame.columns == ["n"]
