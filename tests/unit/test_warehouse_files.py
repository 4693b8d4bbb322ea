"""The file among its neighbours: readers, writers, other loaders, crashes, folders."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from daybook.errors import RetryableError, UsageError
from daybook.warehouse import current, files
from tests.kit.warehouse import ANNA, BERT, TABLES, VISITS, ask, day, fetched, put, visit

COUNT = f"SELECT count(*) FROM {VISITS}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    put(folder / "a.duckdb", fetched(folder, VISITS, day(0), [visit(ANNA, day(0))]))
    return folder / "a.duckdb"


@pytest.fixture
def path(built: Path, tmp_path: Path) -> Path:
    """A warehouse with one row on one day."""
    path = tmp_path / "live" / "analytics.duckdb"
    path.parent.mkdir()
    shutil.copy(built, path)
    return path


@contextmanager
def other_process(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A second process; it has run up to its first line of output, and waits for input where it reads any."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_file_is_read_only_and_alone(path: Path, tmp_path: Path) -> None:
    put(path, fetched(tmp_path, VISITS, day(0), [visit(ANNA, day(0))], version=2))
    assert path.stat().st_mode & 0o777 == 0o444
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert ask(path, COUNT) == [(1,)]


def test_what_a_killed_loader_left_is_removed(path: Path, tmp_path: Path) -> None:
    Path(f"{path}.building").write_bytes(b"half a database")
    Path(f"{path}.building.wal").write_bytes(b"half a log")
    (path.parent / f"{path.name}.loading" / "spilled").mkdir(parents=True)
    files.remove_leftovers(path)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    put(path, fetched(tmp_path, VISITS, day(1), [visit(ANNA, day(1))]))
    assert ask(path, COUNT) == [(2,)]


HOLD_THE_LOCK = """
import sys
from pathlib import Path
from daybook.warehouse import files
with files.exclusive(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_two_loaders_exclude_each_other_and_a_killed_one_does_not_block(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(files.__file__).parents[2]))
    with other_process(HOLD_THE_LOCK, path) as process:
        with pytest.raises(RetryableError, match=rf"{path}.*process {process.pid}, lock {path}\.lock"):
            files.exclusive(path).__enter__()
        process.send_signal(signal.SIGKILL)
        process.wait()
        with files.exclusive(path):
            assert Path(f"{path}.lock").read_text() == f"{os.getpid()}\n"


READ_TWICE = """
import sys
import duckdb
reader = duckdb.connect(sys.argv[1], read_only=True)
print("ready", flush=True)
sys.stdin.readline()
print(reader.execute(sys.argv[2]).fetchone()[0], flush=True)
reader.close()
print(duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2]).fetchone()[0], flush=True)
"""


def test_an_open_reader_keeps_its_version_and_the_next_sees_the_new(path: Path, tmp_path: Path) -> None:
    before = path.stat().st_ino
    with other_process(READ_TWICE, path, COUNT) as process:
        put(path, fetched(tmp_path, VISITS, day(1), [visit(ANNA, day(1)), visit(BERT, day(1))]))
        out, _ = process.communicate("go on\n", timeout=30)
        assert out.split() == ["1", "3"]
    assert path.stat().st_ino != before, "replaced, never written into"


WRITE = """
import os, sys
import duckdb
writer = duckdb.connect(sys.argv[1])
writer.execute("SET checkpoint_threshold = '1GB'")
writer.execute(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
os._exit(0)
"""


def test_a_strangers_writes_are_waited_for_then_dropped(
    path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.chmod(0o644)
    row = f"INSERT INTO {VISITS} (user_id, date) VALUES ('{BERT}', DATE '2025-03-01')"
    with other_process(WRITE, path, row) as process:
        with pytest.raises(RetryableError, match=rf"open for writing elsewhere.*PID {process.pid}"):
            current.book(path, TABLES)
        process.communicate("crash\n", timeout=30)
    assert Path(f"{path}.wal").exists()
    put(path, fetched(tmp_path, VISITS, day(1), [visit(ANNA, day(1))]))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert ask(path, COUNT) == [(2,)]
    assert "analytics.duckdb.wal is dropped" in caplog.text


def test_a_file_that_is_no_warehouse_names_the_way_out(tmp_path: Path) -> None:
    garbage, foreign = tmp_path / "garbage", tmp_path / "foreign.duckdb"
    garbage.write_bytes(b"x" * 20_000)
    with duckdb.connect(str(foreign)) as db:
        db.execute("CREATE TABLE mine AS SELECT 1 AS a")
    for file, why in ((garbage, "not a valid DuckDB database"), (foreign, "table load_history: missing")):
        with pytest.raises(UsageError, match=why) as caught:
            current.book(file, TABLES)
        assert "--rebuild" in (caught.value.then or "")
        assert file.exists()


def test_a_file_of_other_columns_names_the_way_out(path: Path) -> None:
    path.chmod(0o644)
    with duckdb.connect(str(path)) as db:
        db.execute(f"DROP VIEW visits_per_day; ALTER TABLE {VISITS} ALTER money TYPE FLOAT")
    book = current.book(path, ())
    assert book and len(book.loads) == 1
    with pytest.raises(UsageError, match=f"table {VISITS}: money"):
        current.book(path, TABLES)


def test_errors_of_the_file_system_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "analytics.duckdb"
    with (
        pytest.raises(UsageError, match=rf"^warehouse {path}: Not a directory") as caught,
        files.explaining(path),
    ):
        path.write_text("")
    assert "DUCKDB_PATH" in (caught.value.then or "")
    with pytest.raises(RetryableError, match="No space left"), files.explaining(path):
        Path("/dev/full").write_text("x")
