"""What Spark computes twice is counted once: shuffle files vanish while they are read, and nothing shows it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from harness import FIRST, Daybook, Driver
from recompute_kit import Interface, delete_shuffles, run_with_losses

from daybook.contracts import GOLD_TABLES
from daybook.lake import manifest
from daybook.lake.paths import Batch

pytestmark = pytest.mark.e2e
DAY = date.fromisoformat(FIRST)
MADE = [("silver", "user_session_events"), *(("gold", table.name) for table in GOLD_TABLES)]
Lake = dict[str, str]


@pytest.fixture(scope="module")
def spark() -> Interface:
    """Where the driver's UI is."""
    return Interface.chosen()


@pytest.fixture(scope="module")
def shuffles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the driver keeps its shuffle files."""
    return tmp_path_factory.mktemp("shuffles")


@pytest.fixture(scope="module")
def losing(daybook: Daybook, spark: Interface, shuffles: Path) -> Iterator[Driver]:
    """The driver that loses them."""
    with daybook.driver("--conf", f"spark.local.dir={shuffles}", *spark.conf, DAYBOOK_EVENT_LOG="") as up:
        yield up


@pytest.fixture(scope="module")
def steady(daybook: Daybook, driver: Driver, losing: Driver) -> Lake:
    """The lake in which the same is made undisturbed; its bronze, and its silver but for one table, serve both."""
    lake = daybook.own_lake("steady")
    for job in ("extract_postgres", "extract_cassandra", "silver"):
        ended = driver.run(job, "--ds", FIRST, **lake)
        assert ended.code == 0, ended.output
    for job, table in MADE:
        ended = losing.run(job, "--ds", FIRST, "--table", table, "--force", **lake)
        assert ended.code == 0, ended.output
    return lake


def of(daybook: Daybook, lake: Lake, layer: str, table: str) -> tuple[object, object]:
    """Ledger and content of a table-day."""
    root = lake[f"DAYBOOK_{layer.upper()}"]
    live = manifest.read(daybook.store, Batch(layer, root, table, DAY))
    assert live
    return live.manifest.tables[table].ledger, daybook.contents(layer, root, table, DAY)


@pytest.mark.parametrize(("job", "table"), MADE)
def test_lost_shuffle_files_change_neither_ledger_nor_content(
    daybook: Daybook, losing: Driver, spark: Interface, shuffles: Path, steady: Lake, job: str, table: str
) -> None:
    own = f"DAYBOOK_{job.upper()}"
    lake = steady | {own: daybook.own_lake("recomputed")[own]}
    losing.begin(job, "--ds", FIRST, "--table", table, **lake)
    ended = run_with_losses(spark, losing, lambda: delete_shuffles(shuffles))
    assert ended.code == 0, ended.output
    assert of(daybook, lake, job, table) == of(daybook, steady, job, table)
