"""Folders that jobs write into on their way, and cannot: missing, not theirs, noexec, read-only, full.

Each job runs with file systems of its own, mounted where nobody else sees them.
"""

import os
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from daybook.lake import manifest
from tests.kit.harness import FIRST, Daybook, Driver, Ended
from tests.kit.sources import refused, succeeds

SILVER = ("silver", "--ds", FIRST, "--table", "users")
BUFFER = "spark.hadoop.fs.s3a.buffer.dir"
JAVA = "-Djava.io.tmpdir (in SPARK_SUBMIT_OPTS)"
MEND = "mend it, or set {} to another folder, then run the same command again"
ROOM = "make room in it, or set {} to another folder, then run the same command again"
WRITABLE = "make the folder writable, or set DUCKDB_PATH to another place"
# Root ignores modes, unless the right to do so is dropped.
OBEYING = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
# As soon as Spark has made its own folder in $1, nothing more fits into $2.
FILL = '(until ls "$1"/blockmgr-*; do kill -0 $$ || exit; sleep 0.1; done; cat /dev/zero >"$2/fill") >/dev/null 2>&1 &'


def mounted(folder: Path, options: str, then: str = "", *words: Path) -> list[str]:
    """A program that runs another one with a file system of its own on the folder, and a script before it."""
    folder.mkdir()
    script = f'mount -t tmpfs -o {options} tmpfs "$0"; {then}\nshift {len(words)}; exec "$@"'
    return ["unshare", "-rm", "sh", "-c", script, str(folder), *map(str, words)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "folder"


@pytest.mark.parametrize(
    ("of", "below", "why"),
    [
        ("spark", "/below", "Not a directory"),
        ("spark", "", "File exists"),
        ("s3a", "/below", "Not a directory"),
        ("event log", "", "File exists"),
    ],
)
def test_a_folder_that_is_a_file_is_named(daybook: Daybook, folder: Path, of: str, below: str, why: str) -> None:
    folder.touch()
    path = f"{folder}{below}"
    setting = {"spark": "SPARK_LOCAL_DIRS", "s3a": BUFFER, "event log": "DAYBOOK_EVENT_LOG"}[of]
    if of == "s3a":
        ended = replace(daybook, options=["--conf", f"{BUFFER}={path}"]).submit(*SILVER)
    else:
        ended = daybook.submit(*SILVER, **{setting: path})
    refused(ended, 2, f"folder {path}: {why} -- next: {MEND.format(setting)}")


def in_silver(daybook: Daybook, lake: dict[str, str]) -> int:
    """How many users are published."""
    live = manifest.read(daybook.store, daybook.batch("silver", "users", date.fromisoformat(FIRST), **lake))
    assert live, "silver is published"
    return live.manifest.tables["users"].rows


def test_a_folder_that_is_not_the_accounts_is_named_and_does_once_it_is_writable(
    daybook: Daybook, driver: Driver, folder: Path
) -> None:
    lake = daybook.own_lake("not_the_accounts")
    succeeds(driver.run("extract_postgres", "--ds", FIRST, **lake))
    folder.mkdir(mode=0o555)
    obeying = replace(daybook, under=OBEYING, options=["--conf", f"spark.local.dir={folder}"])
    ended = obeying.submit(*SILVER, **lake)
    refused(ended, 2, f"folder {folder}: Permission denied -- next: {MEND.format('SPARK_LOCAL_DIRS')}")
    folder.chmod(0o755)
    succeeds(obeying.submit(*SILVER, **lake))
    assert in_silver(daybook, lake) > 0


def test_a_folder_that_java_cannot_load_its_libraries_from_is_named(daybook: Daybook, folder: Path) -> None:
    under = mounted(folder, "noexec")
    ended = replace(daybook, under=under).submit(*SILVER, SPARK_SUBMIT_OPTS=f"-Djava.io.tmpdir={folder}")
    why = "mounted noexec, and Java loads libraries from it"
    refused(ended, 2, f"folder {folder}: {why} -- next: {MEND.format(JAVA)}")


@pytest.mark.parametrize("options", ["size=64k", "nr_inodes=1"])
def test_a_full_folder_of_sparks_is_named(daybook: Daybook, folder: Path, options: str) -> None:
    ended = replace(daybook, under=mounted(folder, options)).submit(*SILVER, SPARK_LOCAL_DIRS=str(folder))
    refused(ended, 1, f"folder {folder}: No space left on device -- next: {ROOM.format('SPARK_LOCAL_DIRS')}")


@pytest.mark.parametrize("of", ["spark", "s3a"])
def test_a_folder_that_fills_up_in_the_middle_is_named_and_does_once_there_is_room(
    daybook: Daybook, driver: Driver, tmp_path: Path, folder: Path, of: str
) -> None:
    lake = daybook.own_lake(f"fills_up_{of}")
    succeeds(driver.run("extract_postgres", "--ds", FIRST, **lake))
    spark = folder if of == "spark" else tmp_path / "spark"
    under = mounted(folder, "size=100m", FILL, spark, folder)
    options = [] if of == "spark" else ["--conf", f"{BUFFER}={folder}"]
    disturbed = replace(daybook, under=under, options=options)
    ended = disturbed.submit(*SILVER, SPARK_LOCAL_DIRS=str(spark), **lake)
    setting = "SPARK_LOCAL_DIRS" if of == "spark" else BUFFER
    refused(ended, 1, f"folder {folder}: No space left on device -- next: {ROOM.format(setting)}")
    assert daybook.stored(lake["DAYBOOK_SILVER"]).keys() == set()
    succeeds(replace(disturbed, under=()).submit(*SILVER, SPARK_LOCAL_DIRS=str(spark), **lake))
    assert in_silver(daybook, lake) > 0


def test_one_good_folder_of_several_and_a_full_one_for_the_event_log_do(
    daybook: Daybook, driver: Driver, tmp_path: Path, folder: Path
) -> None:
    lake = daybook.own_lake("one_good_folder")
    succeeds(driver.run("extract_postgres", "--ds", FIRST, **lake))
    (tmp_path / "file").touch()
    changes = {"SPARK_LOCAL_DIRS": f"{tmp_path / 'file'},{tmp_path / 'good'}", "DAYBOOK_EVENT_LOG": str(folder)}
    succeeds(replace(daybook, under=mounted(folder, "size=4k")).submit(*SILVER, **lake, **changes))


def test_without_a_folder_of_javas_spark_submit_says_so(daybook: Daybook, folder: Path) -> None:
    folder.touch()
    ended = daybook.submit(*SILVER, SPARK_SUBMIT_OPTS=f"-Djava.io.tmpdir={folder}")
    line = f"java.io.IOException: Failed to create a temp directory (under {folder}) after 10 attempts!"
    assert (ended.code, f'Exception in thread "main" {line}' in ended.output.splitlines()) == (1, True), ended.output


def load_again(daybook: Daybook, folder: Path, script: str) -> tuple[Ended, dict[str, str]]:
    """The warehouse made anew in a file system that holds it and is then changed by a script; what is there then."""
    after = folder.with_name("after")
    under = mounted(folder, "size=8m", f'cp -p "$1" "$0"; {script}', daybook.warehouse)
    listed = '"$@"; code=$?; (cd "$0" && sha256sum .[!.]* *) 2>/dev/null >"${0%/*}/after"; exit $code'
    path = folder / daybook.warehouse.name
    small = replace(daybook, under=[*under, "sh", "-c", listed, str(folder)])
    ended = small.load("--rebuild", DUCKDB_PATH=str(path))
    return ended, {name: digest for digest, name in (line.split() for line in after.read_text().splitlines())}


def rows(path: Path) -> int:
    """How many rows of users' activity a warehouse file has."""
    with duckdb.connect(str(path), read_only=True) as warehouse:
        [count] = warehouse.execute("SELECT count(*) FROM user_activity_per_day").fetchone() or [0]
    return int(count)


@pytest.mark.parametrize("left", ["0", "300K"], ids=["for nothing", "for the downloads"])
def test_a_load_without_room_keeps_the_old_file_and_leaves_nothing_and_in_another_place_ends_well(
    daybook: Daybook, three_days: dict[str, Ended], loader: Driver, folder: Path, left: str
) -> None:
    fill = f'cat /dev/zero >"$0/fill" 2>/dev/null; truncate -s -{left} "$0/fill"'
    ended, after = load_again(daybook, folder, fill)
    path = folder / daybook.warehouse.name
    then = f"make room in {folder}, or set DUCKDB_PATH to another place, then run the same command again"
    refused(ended, 1, f"warehouse {path}: No space left on device -- next: {then}")
    assert after.keys() == {path.name, f"{path.name}.lock", "fill"}
    assert after[path.name] == sha256(daybook.warehouse.read_bytes()).hexdigest()
    elsewhere = folder.with_name("elsewhere.duckdb")
    succeeds(loader.run("load_duckdb", "--rebuild", DUCKDB_PATH=str(elsewhere)))
    assert rows(elsewhere) == rows(daybook.warehouse) > 0


def test_a_read_only_file_system_is_named(daybook: Daybook, three_days: dict[str, Ended], folder: Path) -> None:
    ended, after = load_again(daybook, folder, 'mount -o remount,ro "$0"')
    path = folder / daybook.warehouse.name
    refused(ended, 2, f"warehouse {path}: Read-only file system ({path}.lock) -- next: {WRITABLE}")
    assert after.keys() == {path.name}


def test_a_folder_that_is_made_writable_takes_the_file(
    daybook: Daybook, three_days: dict[str, Ended], folder: Path
) -> None:
    folder.mkdir(mode=0o555)
    obeying, path = replace(daybook, under=OBEYING), folder / daybook.warehouse.name
    ended = obeying.load("--rebuild", DUCKDB_PATH=str(path))
    refused(ended, 2, f"warehouse {path}: Permission denied ({path}.lock) -- next: {WRITABLE}")
    folder.chmod(0o755)
    succeeds(obeying.load("--rebuild", DUCKDB_PATH=str(path)))
    assert rows(path) == rows(daybook.warehouse) > 0
