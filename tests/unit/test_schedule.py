"""Of what takes long a third runs with each change: every file is in one of them, and they take equally long."""

import pytest

from tests import schedule

EVERY = schedule.files()
PARTS = schedule.thirds(schedule.recorded(), EVERY)


def test_each_file_that_takes_long_is_in_exactly_one_third() -> None:
    dealt = [file for file in EVERY if file.split("/")[0] in schedule.DEALT]
    assert sorted(file for part in PARTS for file in part) == dealt


def test_a_file_of_no_recorded_time_has_its_turn_too() -> None:
    parts = schedule.thirds({}, [*EVERY, "nights/test_of_tomorrow.py"])
    assert sum("nights/test_of_tomorrow.py" in part for part in parts) == 1


def test_files_that_look_at_the_same_nights_have_their_turn_together() -> None:
    assert sorted({file for file in part if file.startswith("nights/airflow/")} != set() for part in PARTS) == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("turn", range(schedule.PARTS))
def test_what_has_not_its_turn_is_the_two_other_thirds(turn: int) -> None:
    assert schedule.not_now(turn) == frozenset().union(*PARTS) - PARTS[turn]


def test_the_thirds_differ_by_less_than_their_longest_file() -> None:
    seconds = schedule.recorded()
    length = [sum(seconds.get(file, 60.0) for file in part) for part in PARTS]
    longest = max(seconds.get(file, 60.0) for part in PARTS for file in part)
    assert max(length) - min(length) <= longest


def test_the_turn_follows_from_the_files_of_the_checkout() -> None:
    assert schedule.turn() == schedule.turn() and schedule.turn() in range(schedule.PARTS)


def test_what_is_together_longest_begins_first() -> None:
    order = schedule.longest_first(
        {"nights/test_a.py": 5, "spark/test_b.py": 3, "spark/test_c.py": 4},
        [
            "nights/test_a.py",
            "spark/test_b.py",
            "spark/test_c.py",
        ],
    )
    assert sorted(order, key=order.__getitem__) == ["spark/test_b.py", "spark/test_c.py", "nights/test_a.py"]


def test_seconds_are_recorded_of_no_file_that_is_gone() -> None:
    assert schedule.recorded().keys() - set(EVERY) == set()
