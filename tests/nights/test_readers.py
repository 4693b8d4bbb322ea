"""Analysts while the warehouse is loaded: no query fails, and all that one opening shows is of one load."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from daybook.contracts import FIGURE_TABLES
from tests.kit.harness import Daybook, Driver
from tests.kit.published import publish_rows

DAY = date(2025, 1, 5)
LOADS = 20
USERS = 500
# Every row of all tables bears the number of the load that brought it; it stands in each row's figures.
VALUES = {
    "uuid": "uuid()",
    "string": "'hello'",
    "date": f"'{DAY}'",
    "timestamp": f"'{DAY}'",
    "boolean": "true",
    "duration": "{load} * 1000000",
}
QUERIES = (
    "SELECT min(total_nbr_connexion), max(total_nbr_connexion), count(*) FROM global_user_activity_per_day",
    "SELECT min(time_spend_after_success_seconds), max(time_spend_after_success_seconds), count(*) "
    "FROM notif_impact_per_day",
    "SELECT min(total_nbr_connexion), max(version) - 1, count(*) FROM user_activity_per_day "
    "JOIN day_status USING (date) WHERE table_name = 'global_user_activity_per_day'",
    "SELECT min(manifest_version) - 1, max(manifest_version) - 1, avg(rows)::INT FROM load_history WHERE is_current",
)


def whole(load: int) -> list[tuple[int, int, int]]:
    """The answers of a warehouse that holds this load and nothing else."""
    return [(load, load, USERS)] * len(QUERIES)


def read_without_pause(path: Path, line: Connection) -> None:
    """Open the file, ask, close it, again and again; tell what is new, and when told to stop, how often it was."""
    openings, last = 0, None
    while not line.poll():
        try:
            with duckdb.connect(str(path), read_only=True) as warehouse:
                seen = [warehouse.execute(query).fetchone() for query in QUERIES]
        except duckdb.Error as error:
            line.send(f"opening {openings}: {error}")
            return
        openings += 1
        if seen != last:
            line.send(seen)
            last = seen
    line.send(openings)


@contextmanager
def reader(path: Path) -> Iterator[Connection]:
    """A reader at work in a process of its own, and the line to it."""
    spawned = get_context("spawn")
    ours, theirs = spawned.Pipe()
    process = spawned.Process(target=read_without_pause, args=(path, theirs), daemon=True)
    process.start()
    theirs.close()  # so that its end is noticed here
    try:
        yield ours
    finally:
        process.kill()
        process.join()


def publish_load(daybook: Daybook, root: str, load: int, folder: Path) -> None:
    """Publish the day of each gold table, every figure being the load's number."""
    for table in FIGURE_TABLES:
        columns = (
            f"({VALUES.get(c.type, '{load}').format(load=load)})::{c.type_in.parquet} AS {c.name}"
            for c in table.columns
        )
        query = f"SELECT {', '.join(columns)} FROM range({USERS})"
        publish_rows(daybook.store, daybook.batch("gold", table.name, DAY, DAYBOOK_GOLD=root), query, folder)


def test_readers_see_every_load_whole_and_are_never_turned_away(
    daybook: Daybook, loader: Driver, tmp_path: Path
) -> None:
    changes = daybook.own_lake("readers")
    root, path = changes["DAYBOOK_GOLD"], Path(changes["DUCKDB_PATH"])

    def load(number: int) -> None:
        publish_load(daybook, root, number, tmp_path)
        ended = loader.run("load_duckdb", "--ds", str(DAY), **changes)
        assert ended.code == 0, ended.output

    load(0)
    with duckdb.connect(str(path), read_only=True) as held, reader(path) as line:
        assert line.recv() == whole(0)
        for number in range(1, LOADS + 1):
            load(number)
            # Each answer comes once: a mixture, a step back or a failure would come between.
            assert line.recv() == whole(number)
        line.send("stop")
        openings = line.recv()
        assert [held.execute(query).fetchone() for query in QUERIES] == whole(0), "until it connects again"
    assert openings > 5 * LOADS, "it was at work all the time"
