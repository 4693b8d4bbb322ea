"""The seeding's command line: what it accepts, and what it refuses before any connection is opened."""

import pytest

from local.seed.options import parse


def test_defaults_are_the_demo() -> None:
    plan = parse([]).plan
    assert (plan.users, plan.days, plan.seed, plan.start.isoformat()) == (300, 3, 7, "2025-03-01")


def test_averages_are_options() -> None:
    plan = parse(["--users", "20", "--events-per-user", "0.5", "--messages-per-user", "0"]).plan
    assert (plan.users, plan.events_per_user, plan.messages_per_user) == (20, 0.5, 0.0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--users", "0"],
        ["--days", "many"],
        ["--start", "2025-02-30"],
        ["--start", "1999-12-31"],
        ["--start", "2999-01-01"],
        ["--events-per-user", "-1"],
        ["--events-per-user", "nan"],
        ["--no-such-option"],
    ],
)
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parse(arguments)
    assert refused.value.code == 2
