"""What Spark computes twice is counted once: shuffle files and executors vanish in the middle of a stage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import pytest

from daybook.contracts import FIGURE_TABLES
from daybook.lake import manifest
from daybook.lake.paths import Layer
from tests.kit.harness import FIRST, Daybook, Driver
from tests.kit.recompute import Interface, delete_shuffles, run_with_losses
from tests.kit.spark_cluster import of_workers, standalone

DAY = date.fromisoformat(FIRST)
MADE = [("silver", "user_session_events"), *(("gold", table.name) for table in FIGURE_TABLES)]
Lake = dict[str, str]


@dataclass(frozen=True)
class Loser:
    """A driver, and how what it has computed is taken away."""

    driver: Driver
    spark: Interface
    lose: Callable[[], None]


@pytest.fixture(scope="module")
def losing_files(daybook: Daybook, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loser]:
    """A local driver whose shuffle files are deleted."""
    spark, folder = Interface.chosen(), tmp_path_factory.mktemp("shuffles")
    with replace(daybook, options=["--conf", f"spark.local.dir={folder}", *spark.conf]).driver() as up:
        yield Loser(up, spark, lambda: delete_shuffles(folder))


@pytest.fixture(scope="module")
def losing_executors(daybook: Daybook) -> Iterator[Loser]:
    """A driver on a cluster whose executors are killed."""
    spark, folder = Interface.chosen(), daybook.stack.home / "losing"
    with (
        standalone(folder, of_workers(daybook.stack.settings("etl"))) as cluster,
        replace(daybook, options=(*cluster.options, *spark.conf)).driver() as up,
    ):
        yield Loser(up, spark, spark.kill_executor)


@pytest.fixture(scope="module")
def steady(daybook: Daybook, driver: Driver, losing_files: Loser) -> Lake:
    """The lake in which the same is made undisturbed; its bronze, and its silver but for one table, serve both."""
    lake = daybook.own_lake("steady")
    read = {name for gold in FIGURE_TABLES for name in gold.reads}
    chosen = {"silver": [word for name in sorted(read) for word in ("--table", name)]}
    for job in ("extract_postgres", "extract_cassandra", "silver"):
        ended = driver.run(job, "--ds", FIRST, *chosen.get(job, []), **lake)
        assert ended.code == 0, ended.output
    for job, table in MADE:
        ended = losing_files.driver.run(job, "--ds", FIRST, "--table", table, "--force", **lake)
        assert ended.code == 0, ended.output
    return lake


def of(daybook: Daybook, lake: Lake, layer: Layer, table: str) -> tuple[object, object]:
    """Ledger and content of a table-day."""
    batch = daybook.batch(layer, table, DAY, **lake)
    live = manifest.read(daybook.store, batch)
    assert live
    return live.manifest.tables[table].ledger, daybook.contents(batch)


# Losing an executor takes a cluster a minute: one table, that with most shuffles.
@pytest.mark.parametrize(
    ("lost", "job", "table"),
    [*(("losing_files", *made) for made in MADE), ("losing_executors", *MADE[-1])],
)
def test_what_is_lost_and_computed_again_changes_neither_ledger_nor_content(
    daybook: Daybook, steady: Lake, request: pytest.FixtureRequest, lost: str, job: Layer, table: str
) -> None:
    loser: Loser = request.getfixturevalue(lost)
    own = f"DAYBOOK_{job.upper()}"
    lake = steady | {own: daybook.own_lake(lost)[own]}
    begin = partial(loser.driver.begin, job, "--ds", FIRST, "--table", table, "--force", **lake)
    ended = run_with_losses(loser.spark, loser.driver, begin, loser.lose)
    assert ended.code == 0, ended.output
    assert of(daybook, lake, job, table) == of(daybook, steady, job, table)
