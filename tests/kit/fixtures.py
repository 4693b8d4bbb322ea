"""Servers of this run's own, seeded once, and three days run through all five jobs as one range."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from local.demo.proof import Proof
from local.servers.ports import choose
from local.stack import Stack
from tests.kit.deletes import Deletes, told
from tests.kit.harness import LONG, ONE_COMPILER, RANGE, SHIPPED, Daybook, Driver, Ended
from toolchain import places, stores


@pytest.fixture(scope="session")
def deletes() -> Iterator[Deletes]:
    """What the stores of this run are asked to delete, and by whom."""
    with told() as deletes:
        yield deletes


@pytest.fixture(scope="session")
def jmx_port() -> int:
    """Where nodetool reaches Cassandra."""
    return choose(["jmx"], {})["jmx"]


@pytest.fixture(scope="session")
def daybook(tmp_path_factory: pytest.TempPathFactory, deletes: Deletes, jmx_port: int) -> Iterator[Daybook]:
    """Servers of this run, seeded with 60 users and three days; at its end no job has deleted what is not its own."""
    home = tmp_path_factory.mktemp("stack")
    stack = Stack(home)
    try:
        # Cassandra, too, is up in half of the time without the JVM's second compiler.
        with pytest.MonkeyPatch.context() as patch:
            java = {"JDK_JAVA_OPTIONS": f"{ONE_COMPILER} -Dcassandra.jmx.local.port={jmx_port}"}
            for name, value in (java | deletes.settings).items():
                patch.setenv(name, value)
            stack.up()
        seed = [sys.executable, "-m", "local.seed", "--users", "60", "--expect", str(home / "seed.json")]
        subprocess.run(seed, env=os.environ | stack.settings("admin"), cwd=places.ROOT, check=True)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (stack.settings("etl") | deletes.settings).items():
                patch.setenv(name, value)
            own = Daybook(stack, tmp_path_factory.mktemp("elsewhere"))
            yield own
            if stores.chosen(home) == "minio":  # the other tells nobody of its requests
                deletes.settle(own.lake.endpoint, "gold")
                assert deletes.foreign() == []
    finally:
        stack.clean()


@pytest.fixture(scope="session")
def driver(daybook: Daybook) -> Iterator[Driver]:
    """A Spark driver that stays for all tests."""
    with daybook.driver(**LONG) as up:
        yield up


@pytest.fixture(scope="session")
def other_driver(daybook: Daybook) -> Iterator[Driver]:
    """A second one, for what happens at the same moment, as with the settings that are shipped."""
    with daybook.driver(**SHIPPED) as up:
        yield up


@pytest.fixture(scope="session")
def loader(daybook: Daybook) -> Iterator[Driver]:
    """A loader that stays for all tests."""
    with daybook.loader() as up:
        yield up


@pytest.fixture(scope="session")
def three_days(daybook: Daybook) -> dict[str, Ended]:
    """The three days, run as with the settings that are shipped: what each job printed."""
    return {"day": daybook.submit("day", *RANGE, **SHIPPED), "load_duckdb": daybook.load(*RANGE)}


@pytest.fixture(scope="session")
def proof(daybook: Daybook, three_days: dict[str, Ended]) -> Proof:
    """The lake after the three days, beside what was planted."""
    assert {job: done.code for job, done in three_days.items()} == dict.fromkeys(three_days, 0), three_days
    return Proof.of(daybook.lake, daybook.stack.home / "seed.json")
