"""A day's gold is the same however days are grouped, and it is what plain Python reckons of that day by itself."""

from typing import Any

import pytest

from daybook.contracts.gold_model import GoldTable
from tests.kit.histories import RATES, RECKONED, TEN_DAYS, history

GROUPINGS = {
    "alone": [[day] for day in TEN_DAYS],
    "in pairs": [TEN_DAYS[n : n + 2] for n in range(0, len(TEN_DAYS), 2)],
    "in one pass": [TEN_DAYS],
}


@pytest.mark.parametrize("table", RECKONED, ids=lambda table: table.name)
@pytest.mark.parametrize("grouping", GROUPINGS)
def test_a_history_gives_the_gold_of_each_day_reckoned_by_itself(gold_of: Any, grouping: str, table: GoldTable) -> None:
    """With resends, late storage, events of one instant, repeated keys, and tables missing on some days."""
    told = history(seed=54, users=300)
    assert len({name for name, _ in told.missing} & table.reads.keys()) > 1, "more than one table is missing somewhere"
    found: list[tuple[Any, ...]] = []
    for days in GROUPINGS[grouping]:
        made = [day for day in days if told.makes(table, day)]
        found += gold_of(told.silver, made, RATES, [table.name])[table.name] if made else []
    date_ = table.column_names.index(table.day_column)
    for day in TEN_DAYS:
        expected = told.expected(table, day) if told.makes(table, day) else []
        of_day = sorted((tuple(row) for row in found if row[date_] == day), key=repr)
        assert of_day == expected, day
