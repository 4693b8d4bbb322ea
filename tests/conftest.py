"""Every test bears its folder's name as its marker; fixtures that several folders share come from the kit."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.kit")
pytest_plugins = ["tests.kit.fixtures", "tests.kit.frames"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by folder."""
    for item in items:
        item.add_marker(item.path.relative_to(HERE).parts[0])
