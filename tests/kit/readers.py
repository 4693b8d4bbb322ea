"""Readers that never stop looking, each in a process of its own: by Python, by JDBC, by the notebook's function.

The process is this very file, run by the Python that has what the way of reading needs.
"""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from toolchain import places

Answer = tuple[Any, ...]
Look = Callable[[], list[Answer]]
PAUSE_SECONDS = 0.02  # several readers at work leave the loader a processor
PATIENCE_SECONDS = 900  # for what is sure to happen; a busy machine takes its time

# In a warehouse whose every row of all tables bears the number of the load that brought it, in each figure.
QUERIES = (
    "SELECT min(total_nbr_connexion), max(total_nbr_connexion), count(*) FROM global_user_activity_per_day",
    "SELECT min(time_spend_after_success_seconds)::INT, max(time_spend_after_success_seconds)::INT, count(*) "
    "FROM notif_impact_per_day",
    "SELECT min(total_nbr_connexion), (max(version) - 1)::INT, count(*) FROM user_activity_per_day "
    "JOIN day_status USING (date) WHERE table_name = 'global_user_activity_per_day'",
    "SELECT (min(manifest_version) - 1)::INT, (max(manifest_version) - 1)::INT, avg(rows)::INT "
    "FROM load_history WHERE is_current",
)


def whole(load: int, users: int) -> list[Answer]:
    """The answers of a warehouse that holds this load and nothing else."""
    return [(load, load, users)] * len(QUERIES)


class Sight(NamedTuple):
    """Answers other than before, and when the last look that still gave the ones before had begun."""

    answers: list[Answer]
    last_look_before: float


class Reader(NamedTuple):
    """What a test has of a reader at work."""

    line: Connection

    def sees(self) -> Sight:
        """What it sees next that it had not seen before; a reader that was turned away says why."""
        assert self.line.poll(PATIENCE_SECONDS), "nothing new is seen"
        told = self.line.recv()
        assert isinstance(told, Sight), told
        return told

    def looks(self) -> int:
        """Stop it: how often it has looked."""
        self.line.send("stop")
        told = self.line.recv()
        assert isinstance(told, int), told
        return told


@contextmanager
def reader(way: str, path: Path, environment: str = "dev") -> Iterator[Reader]:
    """A reader at work on the file, by the Python of an environment."""
    with TemporaryDirectory() as place, Listener(f"{place}/line") as listener:
        command = [str(places.python(environment)), __file__, way, str(path), str(listener.address)]
        with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(places.ROOT)}) as process:
            with listener.accept() as line:
                yield Reader(line)
            process.kill()


@contextmanager
def by_python(path: str) -> Iterator[Look]:
    """Questions that belong together, in one connection that is opened for them."""
    import duckdb

    def look() -> list[Answer]:
        with duckdb.connect(path, read_only=True) as warehouse:
            return [warehouse.execute(query).fetchone() or () for query in QUERIES]

    yield look


@contextmanager
def by_jdbc(path: str) -> Iterator[Look]:
    """The same from Java."""
    from tests.kit import jdbc

    with jdbc.jvm() as java:

        def look() -> list[Answer]:
            with closing(jdbc.connect(java, path)) as warehouse:
                return [jdbc.first_row(warehouse, query) for query in QUERIES]

        yield look


@contextmanager
def by_notebook(path: str) -> Iterator[Look]:
    """The notebook's own function, which opens a connection for each question: so this asks all in one."""
    os.environ["DUCKDB_PATH"] = path
    spec = importlib.util.spec_from_file_location("ask", places.ROOT / "notebooks" / "ask.py")
    assert spec and spec.loader
    notebook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebook)
    yield lambda: [tuple(row.values()) for row in notebook.ask(" UNION ALL ".join(QUERIES))]


WAYS = {"python": by_python, "jdbc": by_jdbc, "notebook": by_notebook}


def look_on(look: Look, line: Connection) -> None:
    """Look again and again; tell what is new, and when told to stop, how often that was."""
    looks, last, began_last = 0, None, 0.0
    while not line.poll():
        began = time.monotonic()
        try:
            seen = look()
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is what the test wants to know
            line.send(f"look {looks}: {error}")
            return
        looks += 1
        if seen != last:
            line.send(Sight(seen, began_last))
        last, began_last = seen, began
        time.sleep(PAUSE_SECONDS)
    line.send(looks)


if __name__ == "__main__":
    from tests.kit import readers  # so that what is sent bears the name by which it is received

    way, file, address = sys.argv[1:]
    with Client(address) as to_test, readers.WAYS[way](file) as look:
        readers.look_on(look, to_test)
