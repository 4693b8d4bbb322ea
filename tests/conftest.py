"""Every test bears its folder's name as its marker; fixtures that several folders share come from the kit.

Two processes share a run (`make test`): what shares something dear, servers of a kind or days that were run, stays
together in one of them, and what takes longest begins first.
"""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.kit")
pytest_plugins = ["tests.kit.fixtures", "tests.kit.frames"]
HERE = Path(__file__).parent
THREE_DAYS = "three_days"  # the fixture that is dearest, and the group of all tests that need it
FIRST = ("nights/airflow", "pods", THREE_DAYS, "spark")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by folder and by what they share, and begin with the longest."""
    for item in items:
        item.add_marker(item.path.relative_to(HERE).parts[0])
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: FIRST.index(group) if (group := _group(item)) in FIRST else len(FIRST))


def _group(item: pytest.Item) -> str:
    """What must run in one process: a folder with one Airflow, API server or session, else a file."""
    if THREE_DAYS in getattr(item, "fixturenames", ()):
        return THREE_DAYS
    file = item.path.relative_to(HERE).with_suffix("")
    return next((str(folder) for folder in file.parents if str(folder) in FIRST), str(file))
