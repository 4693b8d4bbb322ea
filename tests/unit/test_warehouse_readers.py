"""Analysts while the warehouse is loaded, as docs/readers.md tells them to read: by Python, JDBC and the notebook."""

import subprocess
import sys
import time
from contextlib import ExitStack, closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from daybook.contracts import FIGURE_TABLES, GOLD_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.warehouse import files
from tests.kit import jdbc, readers
from tests.kit import warehouse as kit
from tests.kit.warehouse import ANNA, MemoryStore, Row
from toolchain import python_envs

DAY = date(2025, 1, 5)
LOADS = 20
USERS = 50
WAYS = {"python": "dev", "jdbc": "dev", "notebook": "notebook"}  # and whose Python has what each needs
DUCKDB = Path(sys.executable).with_name("duckdb")
COUNT = "SELECT max(total_nbr_connexion) FROM global_user_activity_per_day"


def row_of(table: GoldTable, number: int) -> Row:
    """A row whose every figure is this number."""
    figures = {"int": number, "bigint": number, "money": float(number), "duration": timedelta(seconds=number)}
    others = {"uuid": ANNA, "date": DAY, "string": "hello", "boolean": True}
    return tuple((figures | others).get(column.type) for column in table.columns)


class Lake:
    """A lake of one day, whose every figure is the number of the load; and the warehouse that it is loaded into."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore(folder)
        self.path = folder / "live" / "analytics.duckdb"

    def load(self, number: int) -> None:
        for table in FIGURE_TABLES:
            self.store.publish(table.name, DAY, [row_of(table, number)] * USERS, version=number + 1)
        kit.load(self.store, self.path, [DAY], GOLD_TABLES)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_over_twenty_loads_every_reader_sees_each_whole_and_at_its_next_opening(lake: Lake) -> None:
    python_envs.ensure("notebook")
    lake.load(0)
    with ExitStack() as block:
        at_work = {way: block.enter_context(readers.reader(way, lake.path, env)) for way, env in WAYS.items()}
        for reader in at_work.values():
            assert reader.sees().answers == readers.whole(0, USERS)
        for number in range(1, LOADS + 1):
            lake.load(number)
            loaded = time.monotonic()
            for way, reader in at_work.items():
                # Each answer comes once: a mixture, a step back or a failure would come between.
                answers, last_look_before = reader.sees()
                assert answers == readers.whole(number, USERS), way
                assert last_look_before < loaded, f"{way}: who opens the file after a load sees it"
        for way, reader in at_work.items():
            assert reader.looks() > 2 * LOADS, f"{way} was at work all the time"


def test_a_process_sees_the_new_file_once_all_its_connections_to_the_old_one_are_closed(lake: Lake) -> None:
    lake.load(1)
    new = lake.path.rename(lake.path.with_name("new"))
    lake.load(2)  # the loader itself cannot be in this process, which is what the test is about
    with duckdb.connect(str(lake.path), read_only=True) as held:
        files.swap_in(new, lake.path)
        with duckdb.connect(str(lake.path), read_only=True) as second:
            assert held.execute(COUNT).fetchone() == second.execute(COUNT).fetchone() == (2,)
    with duckdb.connect(str(lake.path), read_only=True) as after:
        assert after.execute(COUNT).fetchone() == (1,)


def test_so_does_a_jvm(lake: Lake) -> None:
    lake.load(0)
    with jdbc.jvm() as java:
        with closing(jdbc.connect(java, lake.path)) as held:
            lake.load(1)
            with closing(jdbc.connect(java, lake.path)) as second:
                assert jdbc.first_row(held, COUNT) == jdbc.first_row(second, COUNT) == (0,)
        with closing(jdbc.connect(java, lake.path)) as after:
            assert jdbc.first_row(after, COUNT) == (1,)


def test_a_session_of_the_command_line_shows_the_load_with_which_it_began_and_the_next_command_the_new_one(
    lake: Lake,
) -> None:
    lake.load(0)
    command = [str(DUCKDB), "-no-init", "-readonly", "-csv", "-noheader", str(lake.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
        assert session.stdin and session.stdout
        for _ in range(2):
            print(f"{COUNT};", file=session.stdin, flush=True)
            assert session.stdout.readline() == "0\n"
            lake.load(1)
        session.stdin.close()
    assert subprocess.run([*command, COUNT], capture_output=True, text=True).stdout == "1\n"


def test_a_reader_cannot_write(lake: Lake) -> None:
    lake.load(0)
    with (
        jdbc.jvm() as java,
        closing(jdbc.connect(java, lake.path)) as warehouse,
        pytest.raises(Exception, match="read-only"),
    ):
        warehouse.createStatement().execute("CREATE TABLE notes (note VARCHAR)")
