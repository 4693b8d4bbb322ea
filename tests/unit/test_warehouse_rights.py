"""Whoever could read the warehouse file can read its successor, and nobody else ever can."""

import os
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daybook.warehouse import files
from tests.kit.harness import said
from tests.kit.warehouse import ANNA, BERT, VISITS, ask, day, fetched, put, visit

ACL, DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"
_NOBODY = 0xFFFFFFFF
LOADS = 20
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to a group it is not in")


def access_list(user: int) -> bytes:
    """One more user who may read, as Linux keeps it: version, then tag, rights and id of each entry."""
    entries = ((0x01, 6, _NOBODY), (0x02, 4, user), (0x04, 0, _NOBODY), (0x10, 4, _NOBODY), (0x20, 0, _NOBODY))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def load(path: Path, folder: Path, version: int, *, rebuild: bool = False) -> None:
    put(path, fetched(folder, VISITS, day(0), [visit(ANNA, day(0), messages=version)], version), rebuild=rebuild)


def rights(path: Path) -> tuple[int, int, int, bytes | None]:
    """Mode, owner, group and access list."""
    found = path.stat()
    try:
        entries = os.getxattr(path, ACL)
    except OSError:
        entries = None
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, entries


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "live" / "analytics.duckdb"
    load(path, tmp_path, 1)
    return path


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize(
    ("mask", "mode", "warned"), [(0o022, 0o444, False), (0o027, 0o440, False), (0o077, 0o400, True)]
)
def test_a_first_file_gets_what_the_umask_leaves_and_says_when_that_is_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mask: int, mode: int, warned: bool
) -> None:
    path = tmp_path / "live" / "analytics.duckdb"
    with umask(mask):
        load(path, tmp_path, 1)
        assert os.umask(mask) == mask, "and the umask stays"
    assert rights(path)[0] == mode
    assert ("nobody but its owner can read it (umask 077)" in caplog.text) == warned


@pytest.mark.parametrize("rebuild", [False, True], ids=["load", "rebuild"])
@pytest.mark.parametrize(("given", "kept"), [(0o440, 0o440), (0o400, 0o400), (0o640, 0o440), (0o666, 0o444)])
def test_the_mode_stays_without_its_write_bits(
    path: Path, tmp_path: Path, given: int, kept: int, rebuild: bool
) -> None:
    path.chmod(given)
    load(path, tmp_path, 2, rebuild=rebuild)
    assert rights(path)[0] == kept
    assert ask(path, f"SELECT messages FROM {VISITS}") == [(2,)]


@root_only
def test_owner_group_and_access_list_stay(path: Path, tmp_path: Path) -> None:
    os.chown(path, 54321, 54322)
    os.setxattr(path, ACL, access_list(54323))
    path.chmod(0o440)
    before = rights(path)
    assert before[:3] == (0o440, 54321, 54322) and before[3]
    for version, rebuild in ((2, False), (3, True)):
        load(path, tmp_path, version, rebuild=rebuild)
        assert rights(path) == before


def test_what_the_folder_gives_to_new_files_is_not_given_to_the_successor(path: Path, tmp_path: Path) -> None:
    os.setxattr(path.parent, DEFAULT_ACL, access_list(54323))
    load(path, tmp_path, 2)
    mode, *_, entries = rights(path)
    assert (mode, entries) == (0o444, None)


# Without the capability root is like any account: it may give a file to its own groups alone.
KEEP = "import sys; from pathlib import Path; from daybook.process.runtime import run\n"
KEEP += "from daybook.warehouse import rights\n"
KEEP += "sys.exit(run(lambda: rights.keep(Path(sys.argv[1]), Path(sys.argv[2]))))"


@root_only
def test_a_group_that_cannot_be_given_is_refused_and_once_the_line_is_typed_the_account_gives_its_own(
    path: Path, tmp_path: Path
) -> None:
    os.chown(path, -1, 54322)
    new = tmp_path / "new"
    new.touch()
    unable = ["setpriv", "--bounding-set=-chown", "--inh-caps=-chown"]
    keep = [*unable, sys.executable, "-c", KEEP, str(path), str(new)]
    env = os.environ | {"PYTHONPATH": str(Path(files.__file__).parents[2])}
    done = subprocess.run(keep, env=env, capture_output=True, text=True)
    assert done.returncode == 2, done.stdout + done.stderr
    line = said(done.stdout.strip())
    assert line == (
        f"failed (exit 2): warehouse {path}: this account may not give its group 54322 or its access list to a new file"
        f" -- next: take this account into that group, or: chgrp 0 {path}"
    )
    subprocess.run([*unable, "sh", "-c", line.partition(", or: ")[2]], check=True)
    done = subprocess.run(keep, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rights(new) == rights(path)


def test_at_no_moment_of_twenty_loads_does_anybody_have_more_rights(path: Path, tmp_path: Path) -> None:
    os.setxattr(path.parent, DEFAULT_ACL, access_list(54323))  # what is made there is open to one more
    path.chmod(0o440)
    allowed, done = rights(path), threading.Event()
    seen: set[object] = set()

    def look() -> None:
        """At the file and at all that lies beside it: no other account gets into a folder, or reads a file."""
        while not done.is_set():
            seen.add(rights(path))
            for entry in path.parent.iterdir():
                if entry != path:
                    try:
                        seen.add(("beside", rights(entry)[0] & 0o077))
                    except FileNotFoundError:
                        continue

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        with umask(0):
            for version in range(2, LOADS + 2):
                rows = [visit(user, day(0), messages=version) for user in (ANNA, BERT)]
                put(path, fetched(tmp_path, VISITS, day(0), rows, version), rebuild=version % 5 == 0)
    finally:
        done.set()
        watcher.join()
    assert seen == {allowed, ("beside", 0)}
