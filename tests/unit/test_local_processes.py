"""What `make down` may end, and which ports are taken."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.report import LocalError
from local.servers import ports
from local.servers.process import Process, started_at


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


def test_a_process_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    stubborn = Process("stubborn", tmp_path)
    stubborn.start(["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.05; done"], {})
    stubborn.wait_until(lambda: "deaf" in stubborn.log.read_text(), seconds=10)
    stubborn.stop(seconds=0.3)
    assert stubborn.pid() is None


def test_the_signal_is_the_servers_own(tmp_path: Path) -> None:
    process = Process("server", tmp_path, stop_signal=signal.SIGINT)
    process.start(["sh", "-c", "trap 'echo fast; exit' INT; echo up; while :; do sleep 0.05; done"], {})
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
