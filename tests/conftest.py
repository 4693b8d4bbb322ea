"""Every test bears its folder's name as its marker; fixtures that several folders share come from the kit.

Two processes share a run (`make test`): what shares something dear, servers of a kind or days that were run, stays
together in one of them, and what takes longest begins first.
"""

from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest.register_assert_rewrite("tests.kit")
pytest_plugins = ["tests.kit.fixtures", "tests.kit.frames", "tests.kit.gold"]
HERE = Path(__file__).parent
# One Airflow, one API server, the three days that many look at, one lake that is broken and mended, one Spark session:
# the longest first.
TOGETHER = (
    ("nights/airflow/",),
    ("pods/",),
    ("e2e/three_days/", "nights/three_days/"),
    ("nights/next_lines/",),
    ("spark/",),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by folder, and begin with what takes longest."""
    for item in items:
        item.add_marker(item.path.relative_to(HERE).parts[0])
    items.sort(key=lambda item: _rank(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Give one process all tests of a file, or of what stays together."""
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = _scope
    return scheduling


def _scope(nodeid: str) -> str:
    rank = _rank(nodeid)
    return str(rank) if rank < len(TOGETHER) else nodeid.partition("::")[0]


def _rank(nodeid: str) -> int:
    path = nodeid.removeprefix(f"{HERE.name}/")
    return next((n for n, places in enumerate(TOGETHER) if path.startswith(places)), len(TOGETHER))
