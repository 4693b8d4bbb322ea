"""Of what takes long a third runs with each change: every file is in one of them, and they take equally long."""

from pathlib import Path

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


def test_over_three_turns_each_file_that_takes_long_is_left_out_twice() -> None:
    left_out = [file for turn in range(schedule.PARTS) for file in schedule.not_now(turn)]
    dealt = [file for file in EVERY if file.split("/")[0] in schedule.DEALT]
    assert sorted(left_out) == sorted([*dealt, *dealt])


@pytest.mark.parametrize("seconds", [schedule.recorded(), {"nights/airflow/test_nights.py": 2000.0}])
def test_the_thirds_differ_by_no_more_than_the_longest_that_is_dealt_as_one(seconds: dict[str, float]) -> None:
    length = [schedule.lasting(seconds, part) for part in schedule.thirds(seconds, EVERY)]
    longest = max(schedule.lasting(seconds, files) for files in schedule.dealt(EVERY).values())
    assert max(length) - min(length) <= longest


@pytest.mark.parametrize("folder", ["jobs", "deploy", "requirements"])
def test_the_turn_follows_from_every_file_of_the_checkout_and_from_nothing_that_was_made(
    tmp_path: Path, folder: str
) -> None:
    (tmp_path / folder).mkdir()
    turns = set()
    for content in "abcdefghijkl":
        (tmp_path / folder / "file").write_text(content)
        (tmp_path / ".made").write_text("")
        turns.add(schedule.turn(tmp_path))
        before = schedule.turn(tmp_path)
        (tmp_path / ".made").write_text(content)
        assert schedule.turn(tmp_path) == before
    assert turns == set(range(schedule.PARTS))


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
