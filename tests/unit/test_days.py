"""Where a day begins and ends, and which days are its neighbours."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from daybook import days

LEAP = date(2024, 2, 29)


def test_a_day_begins_at_midnight_in_utc_and_ends_where_the_next_begins() -> None:
    assert days.begins(LEAP) == datetime(2024, 2, 29, tzinfo=UTC)
    assert days.ends(LEAP) == days.begins(date(2024, 3, 1)) == datetime(2024, 3, 1, tzinfo=UTC)


def test_today_has_begun_and_not_ended() -> None:
    before, today = datetime.now(UTC), days.today()
    assert days.begins(today) <= datetime.now(UTC) and before < days.ends(today)


@pytest.mark.parametrize(("by", "found"), [(-1, date(2024, 2, 28)), (0, LEAP), (1, date(2024, 3, 1))])
def test_neighbours_are_so_many_days_away(by: int, found: date) -> None:
    assert days.shifted(LEAP, by) == found


def test_a_range_has_both_of_its_ends() -> None:
    assert days.through(LEAP, LEAP) == [LEAP]
    assert days.through(date(2024, 2, 28), date(2024, 3, 1)) == [date(2024, 2, 28), LEAP, date(2024, 3, 1)]


def test_days_around_others_come_in_order_and_once() -> None:
    found = days.around([date(2024, 3, 1), LEAP], (-1, 1))
    assert found == [date(2024, 2, 28), LEAP, date(2024, 3, 1), date(2024, 3, 2)]


@pytest.mark.parametrize(("zoned", "text"), [(True, "2024-02-29 00:00:00+00"), (False, "2024-02-29 00:00:00")])
def test_sql_compares_instants_in_utc(zoned: bool, text: str) -> None:
    elsewhere = days.begins(LEAP).astimezone(timezone(timedelta(hours=9)))
    assert days.sql(days.begins(LEAP), zoned=zoned) == days.sql(elsewhere, zoned=zoned) == text
