"""What `make down` may end, and which ports are taken."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local import state as states
from local.servers import ports
from local.servers.process import Process, started_at
from toolchain import places
from toolchain.report import LocalError

# A shell could not: what was ignored when it began, as in a command begun with &, it cannot trap.
ENDS_FAST = """
import signal, sys
def fast(*_):
    print("fast")
    sys.exit()
signal.signal(signal.SIGINT, fast)
print("up")
signal.pause()
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    process = Process("sleeper", tmp_path)
    process.start(["sleep", "60"], {})
    yield process
    process.stop()


def test_another_command_finds_and_ends_the_process(sleeper: Process) -> None:
    pid = sleeper.pid()
    Process("sleeper", sleeper.folder).stop()
    assert pid is not None
    assert started_at(pid) is None
    assert sleeper.pid() is None


def test_a_stranger_with_a_recycled_pid_is_left_alone(sleeper: Process) -> None:
    pid = sleeper.pid()
    stale = Process("stale", sleeper.folder)
    stale.pid_file.write_text(json.dumps({"pid": pid, "started": "long ago"}))
    stale.stop()
    assert sleeper.pid() == pid


def test_a_clock_put_right_makes_no_stranger_of_ours(sleeper: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    pid, shifted = sleeper.pid(), psutil.boot_time() + 3600
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: shifted)
    assert psutil.boot_time() == shifted
    assert sleeper.pid() == pid is not None


def test_a_process_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    stubborn = Process("stubborn", tmp_path)
    stubborn.start(["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.05; done"], {})
    stubborn.wait_until(lambda: "deaf" in stubborn.log.read_text(), seconds=10)
    stubborn.stop(seconds=0.3)
    assert stubborn.pid() is None


def test_the_signal_is_the_servers_own(tmp_path: Path) -> None:
    process = Process("server", tmp_path, stop_signal=signal.SIGINT)
    process.start([sys.executable, "-u", "-c", ENDS_FAST], {})
    process.wait_until(lambda: "up" in process.log.read_text(), seconds=10)
    process.stop()
    assert process.log.read_text() == "up\nfast\n"


def test_a_server_that_dies_shows_the_end_of_its_log(tmp_path: Path) -> None:
    process = Process("server", tmp_path)
    process.start(["sh", "-c", "echo the disk is full; exit 3"], {})
    with pytest.raises(LocalError, match=r"ended while starting(.|\n)*the disk is full"):
        process.wait_until(lambda: False, seconds=10)


def test_ports_are_kept_unless_taken() -> None:
    first = ports.choose(["a", "b"], {})
    with socket.socket() as stranger:
        stranger.bind((ports.HOST, first["a"]))
        stranger.listen()
        second = ports.choose(["a", "b"], first)
    assert first["a"] != first["b"]
    assert second["b"] == first["b"]
    assert second["a"] not in first.values()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A stack's folder in which no server runs."""
    states.save(tmp_path / "stack", states.load(tmp_path / "stack"))
    return tmp_path / "stack"


def bare(home: Path, verb: str) -> subprocess.CompletedProcess[str]:
    """A command behind `make`, run by a Python without packages."""
    command = [sys.executable, "-S", "-m", "local", "--home", str(home), verb]
    return subprocess.run(command, cwd=places.ROOT, capture_output=True, text=True)


def test_where_no_server_runs_a_bare_python_can_clean(home: Path) -> None:
    assert (bare(home, "clean").returncode, home.exists()) == (0, False)


def test_a_server_is_not_left_behind_for_want_of_a_package(home: Path) -> None:
    server = Process("minio", home)
    server.start(["sleep", "60"], {})
    ended = bare(home, "clean")
    server.stop()
    assert (ended.returncode, home.exists()) == (1, True)
    assert ended.stderr == "No module named 'psutil'; run: make setup\n"
