"""What a worked case leaves out is zero, and what it may not leave out is missed."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from daybook.contracts import FIGURE_TABLES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY as IMPACT
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY as LEDGER
from tests.kit.cases import expected_of, read_case
from tests.kit.gold_reference import REFERENCES
from tests.kit.gold_rows import gold_row, is_key, zero

DAY = date(2025, 3, 1)


def test_the_second_reading_is_of_tables_of_figures_and_both_of_the_first_release_have_one() -> None:
    assert {"global_user_activity_per_day", "global_notif_impact_per_day"} <= REFERENCES.keys()
    assert REFERENCES.keys() <= {table.name for table in FIGURE_TABLES}


def test_the_zero_of_a_figure_is_that_of_its_contract() -> None:
    columns = [column for table in (ACTIVITY, IMPACT, LEDGER) for column in table.columns if not is_key(column)]
    zeros = {column.name: zero(column) for column in columns}
    known = {
        "total_nbr_connexion": 0, "total_spend_time": timedelta(), "total_message_send_this_day": 0,
        "total_money_spend": 0.0, "content_notif": None, "is_success": False, "time_spend_after_success": None,
        "source_table": None, "source_rows": None, "bronze_rows": 0, "silver_rows": None, "rejected_rows": 0,
        "duplicate_rows": 0, "is_complete": False, "read_at": None,
    }  # fmt: skip
    assert {name: repr(zeros[name]) for name in known} == {name: repr(value) for name, value in known.items()}


def test_a_line_stands_for_a_whole_row() -> None:
    named = {"user_id": "u1", "date": "2025-03-01", "total_spend_time": "00:15:00"}
    whole = dict(zip(ACTIVITY.column_names, expected_of(ACTIVITY, named), strict=True))
    assert whole == {
        **{column.name: zero(column) for column in ACTIVITY.columns if column.name not in named},
        "user_id": "u1",
        "date": DAY,
        "total_spend_time": timedelta(minutes=15),
    }


def test_a_row_names_what_it_is_of_and_nothing_that_the_table_has_not() -> None:
    with pytest.raises(AssertionError, match="date says which row it is: name it"):
        gold_row(ACTIVITY, user_id="u1")
    with pytest.raises(AssertionError, match=f"{ACTIVITY.name} has no visits"):
        gold_row(ACTIVITY, user_id="u1", date=DAY, visits=1)


@pytest.mark.parametrize(
    "header",
    [
        "user_id,total_spend_time",  # of which day?
        "date,total_spend_time",
        "user_id,date,visits",
        "user_id,date,total_spend_time,total_nbr_connexion",  # not in the contract's order
        "user_id,date,total_spend_time,total_spend_time",
    ],
)
def test_a_header_that_no_row_could_be_told_by_is_refused(header: str, tmp_path: Path) -> None:
    for name, text in (
        ("case.txt", "A case.\n"),
        ("group_messages.csv", "user_id\nu1\n"),
        ("expected_user_activity.csv", f"{header}\n"),
    ):
        (tmp_path / name).write_text(text)
    with pytest.raises(AssertionError, match="header"):
        read_case(tmp_path)


def test_a_field_that_is_empty_is_null_and_not_zero() -> None:
    row = expected_of(ACTIVITY, {"user_id": "u1", "date": "2025-03-01", "total_nbr_connexion": None})
    assert row[ACTIVITY.column_names.index("total_nbr_connexion")] is None
