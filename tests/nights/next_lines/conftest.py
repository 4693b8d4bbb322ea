"""A lake of two good days, which tests damage, and somebody who types what a last line says after `next:`."""

from collections.abc import Iterator

import pytest

from tests.kit.broken import Broken
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import succeeds
from tests.kit.typed import BEFORE, DAY, Typist


@pytest.fixture(scope="session")
def typist(daybook: Daybook, driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    """A lake of two good days, and somebody who types."""
    with daybook.loader() as plain:
        lake = daybook.own_lake("next_lines")
        programs = tmp_path_factory.mktemp("programs")
        # the loader's process, too, has the account of the jobs: verify reads all layers
        who = Typist(daybook, (driver, plain), programs, daybook.stack.settings("etl") | lake)
        succeeds(who.run("day", "--from", BEFORE, "--to", DAY))
        succeeds(who.run("load_duckdb", "--from", BEFORE, "--to", DAY))
        succeeds(who.run("verify", "--from", BEFORE, "--to", DAY))
        yield who


@pytest.fixture
def broken(typist: Typist) -> Broken:
    return Broken(typist)
