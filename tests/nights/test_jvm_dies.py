"""Whatever ends Spark's JVM or the job's Python, the job's last line is there once, and nobody is left behind."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from daybook.process.watcher import INTERRUPTED, JVM_ENDED, PYTHON_ENDED
from tests.kit import mortal
from tests.kit.harness import JOBS, SMALL, Ended, said, until
from tests.kit.processes import running, stopped_after
from toolchain import places

MORTAL = Path(mortal.__file__)
UP = re.compile(r"python (\d+) of jvm (\d+)$")
LAST = re.compile(r"failed[: ]")
REPAIR = "nothing was published; repair the source or its contract, then run the same command again"
Strike = Callable[[int, int], None]


@dataclass(frozen=True)
class Submission:
    """What spark-submit is told, and what happens to it once it is up."""

    word: str
    options: tuple[str, ...] = ()


def submitted(told: Submission, folder: Path, strike: Strike | None = None) -> Ended:
    """Submit the mortal job in a process group of its own, and strike its Python and its JVM once they are up."""
    path = f"{places.environment('spark') / 'bin'}:{os.environ['PATH']}"
    env = {"HOME": str(folder), "PATH": path, "PYTHONPATH": str(JOBS), **SMALL}
    command, lines = ["spark-submit", *told.options, str(MORTAL), told.word], []
    with subprocess.Popen(
        command, env=env, cwd=folder, start_new_session=True,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as job, stopped_after(job.pid):  # fmt: skip
        for line in job.stdout or ():
            lines.append(line)
            if strike and (up := UP.search(line)):
                strike(int(up[1]), int(up[2]))
    until(lambda: not running(str(MORTAL)), "all processes of the job have ended")
    return Ended(job.returncode, "".join(lines))


def says_once(ended: Ended, code: int, line: str) -> None:
    """The exit code, the last line word for word, and no other line of the kind."""
    last = [line for line in map(said, ended.output.splitlines()) if LAST.match(line)]
    assert (ended.code, ended.last_line, last) == (code, line, [line]), ended.output


SIGNALS = {"SIGKILL": -9, "SIGABRT": -6, "SIGTERM": 143}


@pytest.mark.parametrize("name", SIGNALS)
def test_a_jvm_ended_from_outside(tmp_path: Path, name: str) -> None:
    ended = submitted(Submission("wait"), tmp_path, lambda _, jvm: os.kill(jvm, signal.Signals[name]))
    says_once(ended, SIGNALS[name], JVM_ENDED)


ENDS_ITSELF = {
    "out of memory": (Submission("allocate", ("--driver-memory", "512m")), 52),
    "out of memory, told to crash": (
        Submission("allocate", ("--driver-memory", "512m", "--driver-java-options", "-XX:+CrashOnOutOfMemoryError")),
        -6,
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", ENDS_ITSELF)
def test_a_jvm_that_gives_up(tmp_path: Path, why: str) -> None:
    told, code = ENDS_ITSELF[why]
    says_once(submitted(told, tmp_path), code, JVM_ENDED)


def test_a_python_killed_alone(tmp_path: Path) -> None:
    killed = submitted(Submission("wait"), tmp_path, lambda python, _: os.kill(python, signal.SIGKILL))
    says_once(killed, 137, PYTHON_ENDED)


def test_a_python_killed_alone_whose_jvm_has_followed_before_anybody_looked(tmp_path: Path) -> None:
    def strike(python: int, jvm: int) -> None:
        [watcher] = psutil.Process(python).children()
        watcher.suspend()
        os.kill(python, signal.SIGKILL)
        until(lambda: psutil.Process(jvm).status() == psutil.STATUS_ZOMBIE, "the JVM has followed")
        watcher.resume()

    says_once(submitted(Submission("wait"), tmp_path, strike), 137, PYTHON_ENDED)


def test_ctrl_c_is_told_once_and_last(tmp_path: Path) -> None:
    ended = submitted(Submission("wait"), tmp_path, lambda _, jvm: os.killpg(jvm, signal.SIGINT))
    assert ended.code in (130, 1), "that of the JVM or, if it was quicker, of its Python"
    says_once(ended, ended.code, INTERRUPTED)


def test_a_python_interrupted_alone_says_so_when_its_jvm_has_followed(tmp_path: Path) -> None:
    ended = submitted(Submission("wait"), tmp_path, lambda python, _: os.kill(python, signal.SIGINT))
    says_once(ended, 1, INTERRUPTED)


def test_a_job_that_fails_by_itself_says_so_once(tmp_path: Path) -> None:
    says_once(submitted(Submission("fail"), tmp_path), 3, f"failed (exit 3): told to -- next: {REPAIR}")


def test_a_job_that_ends_well_says_nothing_more(tmp_path: Path) -> None:
    ended = submitted(Submission("end"), tmp_path)
    assert (ended.code, bool(UP.search(ended.last_line))) == (0, True), ended.output
