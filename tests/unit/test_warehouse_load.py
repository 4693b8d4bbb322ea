"""A load as a whole, on a store in memory: what is loaded when, what is refused, what stays as it was."""

import logging
import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

import load_duckdb
from daybook.errors import DataError, RetryableError, UsageError
from tests.kit import warehouse as kit
from tests.kit.warehouse import ANNA, LETTERS, TABLES, VISITS, MemoryStore, ask, day, visit

JOBS = Path(load_duckdb.__file__).parent
CURRENT = f"""
    SELECT ds, manifest_version FROM load_history WHERE is_current AND table_name = '{VISITS}' ORDER BY ds
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there" / "analytics.duckdb"


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    """Gold of one day."""
    store = MemoryStore(tmp_path)
    store.publish_all(day(0), messages=2)
    return store


def load(store: MemoryStore, path: Path, *days: date, rebuild: bool = False) -> bool:
    return kit.load(store, path, days, rebuild=rebuild)


def test_a_load_tells_each_table_day_and_the_sum(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "daybook")
    assert load(store, path, day(0))
    store.publish_all(day(0), version=2)
    store.publish_whole(day(1))
    caplog.clear()
    assert load(store, path, day(0))
    lines = [record.getMessage() for record in caplog.records]
    assert [" ".join(line.split()) for line in lines[:-1]] == [
        "duckdb global_visits_per_day 2025-03-01 1 rows version 2, was 1",
        "duckdb global_visits_per_day 2025-03-02 1 rows version 1",
        "duckdb letters_per_day 2025-03-01 1 rows version 2, was 1",
        "duckdb letters_per_day 2025-03-02 1 rows version 1",
        "duckdb rejected_rows_per_day 2025-03-02 0 rows version 1",
        "duckdb source_ledger_per_day 2025-03-02 1 rows version 1",
    ]
    assert lines[-1].startswith(f"load_duckdb done: {path} holds {VISITS} 2 rows, ")
    left = sorted(entry.name for entry in path.parent.iterdir())
    assert left == ["analytics.duckdb", "analytics.duckdb.lock"]


def test_a_second_load_touches_nothing(store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "daybook")
    load(store, path, day(0))
    before, store.downloads = path.stat(), []
    assert not load(store, path, day(0))
    assert "already loaded" in caplog.text
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert store.downloads == []


def test_only_what_changed_is_fetched(store: MemoryStore, path: Path) -> None:
    store.publish_all(day(1))
    load(store, path, day(0), day(1))
    store.publish(VISITS, day(1), [], version=2)
    store.downloads = []
    assert load(store, path, day(0))
    assert [uri.split("/")[3:5] for uri in store.downloads] == [[VISITS, str(day(1))]]


@pytest.mark.parametrize(("asked", "brought"), [([0], [-2, -1, 0, 1]), ([0, 1], [-2, -1, 0, 1, 2])])
def test_a_day_brings_the_days_of_which_its_gold_run_may_have_written_a_table(
    store: MemoryStore, path: Path, asked: list[int], brought: list[int]
) -> None:
    for offset in range(-4, 5):
        store.publish_whole(day(offset))
    load(store, path, *map(day, asked))
    for table in TABLES:
        found = ask(path, f"SELECT ds FROM load_history WHERE is_current AND table_name = '{table.name}' ORDER BY ds")
        assert found == [(day(offset),) for offset in brought]


@pytest.mark.parametrize(
    ("days", "command"),
    [
        ([5], "spark-submit jobs/gold.py --ds 2025-03-06"),
        ([1, 2], "spark-submit jobs/gold.py --from 2025-03-02 --to 2025-03-03"),
    ],
)
def test_a_day_without_gold_names_the_command_that_makes_it(
    store: MemoryStore, path: Path, days: list[int], command: str
) -> None:
    with pytest.raises(RetryableError, match="gold is not published: global_visits_per_day") as caught:
        load(store, path, *map(day, days))
    assert caught.value.then == command
    assert not path.exists()


def test_the_other_days_of_a_range_are_loaded_before_those_without_gold_are_named(
    store: MemoryStore, path: Path
) -> None:
    with pytest.raises(RetryableError, match=r"gold is not published: global_visits_per_day 2025-03-02") as caught:
        load(store, path, *map(day, [0, 1, 2]))
    assert caught.value.then == "spark-submit jobs/gold.py --from 2025-03-02 --to 2025-03-03"
    loaded = "SELECT DISTINCT ds FROM load_history WHERE is_current"
    assert ask(path, loaded) == [(day(0),)]
    again = path.read_bytes()
    with pytest.raises(RetryableError, match=r"gold is not published"):
        load(store, path, *map(day, [0, 1, 2]))
    assert path.read_bytes() == again


def test_one_table_of_the_day_is_not_enough(store: MemoryStore, path: Path) -> None:
    store.publish(VISITS, day(1), [])
    with pytest.raises(RetryableError, match=r"not published: letters_per_day 2025-03-02$"):
        load(store, path, day(1))


def test_a_day_that_only_runs_of_other_days_made_is_not_enough(store: MemoryStore, path: Path) -> None:
    for table in (VISITS, LETTERS):
        store.publish(table, day(1), [], origin={"own_run": False})
    with pytest.raises(RetryableError, match="not published: source_ledger_per_day 2025-03-02") as caught:
        load(store, path, day(1))
    assert caught.value.then == "spark-submit jobs/gold.py --ds 2025-03-02"
    store.publish_ledgers(day(1))
    assert load(store, path, day(1))


def test_an_older_state_of_gold_that_was_put_back_is_refused_until_a_rebuild(store: MemoryStore, path: Path) -> None:
    store.publish_all(day(0), version=3)
    load(store, path, day(0))
    store.published_at -= timedelta(days=1)
    store.publish_all(day(0), version=2)
    store.publish_all(day(1), version=1)
    with pytest.raises(RetryableError, match="is at version 2, the warehouse already at 3, published later") as caught:
        load(store, path, day(0))
    assert "--rebuild" in (caught.value.then or "")
    assert ask(path, CURRENT) == [(day(0), 3)]
    load(store, path, rebuild=True)
    assert ask(path, CURRENT) == [(day(0), 2), (day(1), 1)]


def test_gold_that_was_deleted_and_made_again_begins_at_version_1_and_is_loaded(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.publish_all(day(0), version=3)
    store.publish_whole(day(1))
    load(store, path, day(0), day(1))
    store.drop(day(0))
    caplog.clear()
    assert not load(store, path, day(1)), "what the file holds stays"
    then = "spark-submit jobs/gold.py --ds 2025-03-01 && python jobs/load_duckdb.py --ds 2025-03-01"
    line = f"2025-03-01 stays in the file, but gold lost its manifest of {VISITS}, {LETTERS} -- next: {then}"
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == [line]
    store.published_at += timedelta(days=1)
    store.publish_all(day(0), messages=1)
    assert load(store, path, day(0)) and not load(store, path, day(0))
    assert ask(path, CURRENT) == [(day(0), 1), (day(1), 1)]
    history = f"SELECT manifest_version FROM load_history WHERE table_name = '{VISITS}' AND ds = '{day(0)}'"
    assert ask(path, history) == [(3,), (1,)], "in the order of loading"
    status = f"SELECT date, restated_at FROM day_status WHERE table_name = '{VISITS}' ORDER BY date"
    assert ask(path, status) == [(day(0), store.published_at), (day(1), None)]


def test_a_file_that_is_begun_without_days_that_gold_has_says_what_brings_them(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for offset in (3, 9):
        store.publish_whole(day(offset))
    load(store, path, day(0))
    then = "python jobs/load_duckdb.py --rebuild"
    line = f"there was no file; gold has 2 more days, 2025-03-04 to 2025-03-10 -- next: {then}"
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [f"warehouse {path}: {line}"]
    caplog.clear()
    store.publish_all(day(0), version=2)
    load(store, path, day(0))
    path.chmod(0o644)
    path.unlink()
    load(store, path, rebuild=True)
    assert "there was no file" not in caplog.text


def test_the_same_version_under_another_etag_is_loaded(store: MemoryStore, path: Path) -> None:
    load(store, path, day(0))
    store.publish(VISITS, day(0), [visit(ANNA, day(0), visits=9)])
    assert load(store, path, day(0))
    assert ask(path, f"SELECT visits FROM {VISITS}") == [(9,)]


def test_a_rebuild_holds_what_gold_has_and_keeps_the_history(
    store: MemoryStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load(store, path, day(0))
    store.drop(day(0))
    for offset in (9, 30):
        store.publish_all(day(offset))
    assert load(store, path, rebuild=True)
    assert ask(path, f"SELECT date FROM {VISITS}") == [(day(9),), (day(30),)]
    assert ask(path, CURRENT) == [(day(9), 1), (day(30), 1)]
    assert ask(path, "SELECT count(*) FROM load_history WHERE ds = DATE '2025-03-01'") == [(2,)]
    assert f"{VISITS} 2025-03-01: no longer in gold" in caplog.text
    caplog.clear()
    caplog.set_level(logging.INFO, "daybook")
    load(store, path, rebuild=True)
    assert [record for record in caplog.records if "version" in record.getMessage()] == []


def test_an_empty_gold_rebuilds_nothing(store: MemoryStore, path: Path) -> None:
    load(store, path, day(0))
    store.drop(day(0))
    with pytest.raises(RetryableError, match="nothing is published under s3a://gold"):
        load(store, path, rebuild=True)
    assert ask(path, CURRENT) == [(day(0), 1)]


def test_a_rebuild_makes_a_broken_file_anew_and_keeps_a_copy(store: MemoryStore, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"somebody's notes" * 1000)
    with pytest.raises(UsageError, match="not a valid DuckDB database"):
        load(store, path, day(0))
    assert load(store, path, rebuild=True)
    assert ask(path, CURRENT) == [(day(0), 1)]
    (kept,) = path.parent.glob("analytics.duckdb.replaced-*")
    assert kept.read_bytes().startswith(b"somebody's notes")


def test_a_rebuild_takes_over_a_file_of_older_columns(store: MemoryStore, path: Path) -> None:
    load(store, path, day(0))
    path.chmod(0o644)
    with duckdb.connect(str(path)) as db:
        db.execute(f"DROP VIEW visits_per_day; ALTER TABLE {VISITS} DROP money")
    with pytest.raises(UsageError, match="money"):
        load(store, path, day(0))
    load(store, path, rebuild=True)
    assert ask(path, "SELECT count(*), count(*) FILTER (is_current) FROM load_history") == [(4, 2)]
    assert list(path.parent.glob("*.replaced-*")) == []


@pytest.mark.parametrize("problem", ["gone", "other bytes", "cut off"])
def test_a_file_that_is_not_what_the_manifest_names_is_refused(
    store: MemoryStore, path: Path, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = (uri for uri in store.objects if VISITS in uri and uri.endswith(".parquet"))
    if problem == "gone":
        del store.objects[name]
    elif problem == "other bytes":
        store.objects[name] += b"x"
    else:
        monkeypatch.setattr(store, "download", lambda uri, local: Path(local).write_bytes(b"PAR1"))
    told = {
        "gone": (DataError, f"{name} is missing; its manifest promises"),
        "other bytes": (DataError, f"{name} has {len(store.objects.get(name, b'')):,} bytes; its manifest promises"),
        "cut off": (RetryableError, "arrived incomplete"),
    }
    kind, line = told[problem]
    with pytest.raises(kind, match=line):
        load(store, path, day(0))
    assert [entry.name for entry in path.parent.iterdir()] == ["analytics.duckdb.lock"]


def test_a_ledger_that_does_not_agree_leaves_the_old_file(store: MemoryStore, path: Path) -> None:
    load(store, path, day(0))
    store.publish_all(day(0), version=2)
    store.edit(VISITS, day(0), ledger={"messages": 7})
    with pytest.raises(DataError, match="2025-03-01: messages 0 in the new file, 7 in gold") as caught:
        load(store, path, day(0))
    assert caught.value.then == "spark-submit jobs/gold.py --ds 2025-03-01 --force"
    assert ask(path, CURRENT) == [(day(0), 1)]
    assert sorted(e.name for e in path.parent.iterdir()) == ["analytics.duckdb", "analytics.duckdb.lock"]


def test_a_linked_file_is_replaced_where_it_is(store: MemoryStore, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(path)
    load(store, link, day(0))
    assert link.is_symlink()
    assert ask(path, CURRENT) == [(day(0), 1)]


def test_a_folder_in_place_of_the_file_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        load(store, tmp_path, day(0))


def test_a_folder_that_is_not_to_be_written_is_a_wrong_setting(store: MemoryStore, tmp_path: Path) -> None:
    folder = tmp_path / "shut"
    folder.mkdir(mode=0o555)
    child = os.fork()
    if not child:  # as nobody: for root no folder is shut
        if os.geteuid() == 0:
            tmp_path.chmod(0o755)
            os.setuid(65534)
        try:
            load(store, folder / "analytics.duckdb", day(0))
        except UsageError:
            os._exit(2)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2


def test_the_job_needs_no_spark() -> None:
    code = "import sys, load_duckdb; sys.exit('pyspark' in sys.modules or 'py4j' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=JOBS, check=False).returncode == 0


@pytest.mark.parametrize(
    "wrong",
    [["--rebuild", "--ds", "2025-03-01"], ["--rebuild", "--to", "2025-03-01"], ["--ds", "2025-3-1"], []],
)
def test_the_job_is_strict_about_its_arguments(
    wrong: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["load_duckdb.py", *wrong])
    with pytest.raises(SystemExit) as caught:
        load_duckdb.main()
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_job_that_is_told_to_end_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["load_duckdb.py", "--rebuild"])
    monkeypatch.setattr(load_duckdb, "Store", lambda endpoint, agent: None)
    monkeypatch.setattr(load_duckdb, "load", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt):
            load_duckdb.main()
    finally:
        signal.signal(signal.SIGTERM, before)
