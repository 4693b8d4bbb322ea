"""A process beside the driver that has the last word when the driver cannot: its JVM was killed, or it was itself.

Under spark-submit this Python is a child of Spark's JVM, prints through it, and dies with it: what it says then
reaches nobody. The watcher holds the JVM's own output, waits for this process to end, and stays silent if it ended
by itself.
"""

import fcntl
import logging
import os
import signal
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from daybook.log import line

JVM_ENDED = (
    "failed: Spark's JVM ended before the job did: out of memory, no room for its files, or ended from outside;"
    " nothing more is published -- next: see its exit code (docs/on-call.md, “Exit codes”), give it more memory"
    " (spark.driver.memory in conf/spark-defaults.conf) or see who ended it, then run the same command again"
)
PYTHON_ENDED = (
    "failed: the job's Python was ended from outside; nothing more is published"
    " -- next: see who ended it, or whether the machine is out of memory, then run the same command again"
)
INTERRUPTED = "failed: interrupted; nothing more is published -- next: run the same command again"

_OVER, _BY_CTRL_C = b".", b"!"
_ZOMBIE, _DEAD = "Z", "X"
# What the JVM ends with by itself once its Python was killed, as wait(2) would tell it.
_FOLLOWED = (128 + signal.SIGKILL) << 8
_PF_EXITING = 0x4  # the kernel's mark of a process on its way out, which may take a while with a large memory
_LOOKS, _BETWEEN_LOOKS_SECONDS = 5, 0.02
_PATIENCE_SECONDS = 10
_FOR_ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # what a terminal sends to a whole group of processes


@contextmanager
def watched() -> Iterator[None]:
    """Let a watcher tell what became of the job in the block, should this process not live to tell it.

    Ctrl-C ends the JVM, too, and what it has not passed on by then is lost: of that the watcher tells, at the end.
    """
    jvm = os.getppid()
    output = _output_of(jvm) if "PYSPARK_GATEWAY_PORT" in os.environ else None
    if output is None:
        yield
        return
    ended, alive = os.pipe()
    watcher = os.fork()
    if watcher == 0:
        _watch(jvm, ended, output)
    os.close(ended)
    os.close(output)
    try:
        yield
    except KeyboardInterrupt:
        _tell(alive, _BY_CTRL_C)
        sys.exit(1)
    except BaseException:
        _end(alive, watcher)
        raise
    _end(alive, watcher)


def _end(alive: int, watcher: int) -> None:
    """Send the watcher home: this process has told of its end itself."""
    _wait_until_read()
    _tell(alive, _OVER)
    os.close(alive)
    os.waitpid(watcher, 0)


def _tell(alive: int, what: bytes) -> None:
    with suppress(OSError):  # somebody has killed the watcher
        os.write(alive, what)


def _output_of(jvm: int) -> int | None:
    """Where the JVM prints, opened anew; None where that cannot be: a socket, another user's terminal, no /proc."""
    try:
        return os.open(f"/proc/{jvm}/fd/1", os.O_WRONLY | os.O_APPEND | os.O_NOCTTY)
    except OSError:
        return None


def _wait_until_read() -> None:
    """Wait, not for long, until the JVM has taken what was printed last: if it dies before, the watcher speaks."""
    with suppress(OSError):  # no pipe
        for _ in range(_LOOKS):
            if not int.from_bytes(fcntl.ioctl(1, termios.FIONREAD, bytes(4)), sys.byteorder):
                return
            time.sleep(_BETWEEN_LOOKS_SECONDS)


def _watch(jvm: int, ended: int, output: int) -> None:
    """Be the watcher: it never returns into the job's code, and holds nothing open but what it needs."""
    interruptions: list[int] = []
    try:
        for number in _FOR_ALL:
            signal.signal(number, lambda received, _: interruptions.append(received))
        _close_all_but(ended, output)
        told = os.read(ended, 1)
        if told != _OVER:
            said = JVM_ENDED if _is_ending(jvm) else PYTHON_ENDED
            if told == _BY_CTRL_C or interruptions:
                said = INTERRUPTED
                _wait_for(jvm)
            # On a terminal, Spark's progress may have left the cursor amid a line.
            start = "\n" if os.isatty(output) else ""
            os.write(output, f"{start}{line(logging.ERROR, said)}\n".encode())
    finally:
        os._exit(0)


def _close_all_but(*kept: int) -> None:
    """Close what was inherited: whoever waits for its other end must not wait for the watcher."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            with suppress(OSError):  # the one that listed the folder is closed already
                os.close(int(name))


def _wait_for(process: int) -> None:
    """Wait, not for ever, until a process has said all that it has to say."""
    for _ in range(_PATIENCE_SECONDS * 10):
        state, _, _ = _state(process)
        if state in (_ZOMBIE, _DEAD):
            return
        time.sleep(0.1)


def _is_ending(process: int) -> bool:
    """Whether a process is gone or going, and did not just follow this Python, which may take it no time."""
    going = False
    for look in range(_LOOKS):
        time.sleep(_BETWEEN_LOOKS_SECONDS if look else 0)
        state, marks, code = _state(process)
        gone = state in (_ZOMBIE, _DEAD)
        going = gone or bool(marks & _PF_EXITING)
        if gone or (going and code):  # which the kernel writes right after the mark
            return code != _FOLLOWED
    return going


def _state(process: int) -> tuple[str, int, int]:
    """A process's state, the kernel's marks of it, and how it ended; one that is gone is dead, nobody knows how."""
    try:
        state, *fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return _DEAD, 0, 0
    return state, int(fields[5]), int(fields[48])
