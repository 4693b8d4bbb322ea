"""Every test bears its folder's name as its marker; fixtures that several folders share come from the kit.

Several processes share a run (`make test`): what shares something dear, servers of a kind or days that were run, stays
together in one of them, and what takes longest begins first (`tests.schedule`).
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import schedule

pytest.register_assert_rewrite("tests.kit")
pytest_plugins = ["tests.kit.fixtures", "tests.kit.frames", "tests.kit.gold"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer a third of what takes long."""
    told = f"of {', '.join(schedule.DEALT)} only this third of the files, and tests marked `always`"
    parser.addoption("--turn", type=int, choices=range(schedule.PARTS), help=told)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say which third this run has, so that a log tells what it did not run."""
    turn = config.getoption("turn")
    return None if turn is None else f"turn {turn}: third {turn + 1} of {schedule.PARTS} of what takes long"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by folder, begin with what takes longest, and leave out whose turn it is not."""
    for item in items:
        item.add_marker(_file(item).split("/")[0])
    place = schedule.longest_first(schedule.recorded(), schedule.files())
    items.sort(key=lambda item: place[_file(item)])
    turn = config.getoption("turn")
    if turn is not None:
        others = schedule.not_now(turn)
        left_out = {item for item in items if _file(item) in others and not item.get_closest_marker("always")}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Give one process all tests of a file, or of what stays together."""
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = lambda nodeid: schedule.scope(nodeid.partition("::")[0].removeprefix("tests/"))
    return scheduling


def _file(item: pytest.Item) -> str:
    return item.path.relative_to(schedule.TESTS).as_posix()
