"""What the user sees: one line per finished step, a bar for a long one, and the log's end when a step fails."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TAIL_LINES = 20
BAR = 30  # characters
_CLEARED = "\r\x1b[K"
_printing = threading.Lock()


class LocalError(Exception):
    """A failure that its message explains completely: what, where, and the next command."""

    exit_code = 1


Command = Sequence[str | Path]


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `title` and its seconds once the body is done; a failing body prints nothing here."""
    started = time.monotonic()
    yield
    say(f"  {title:<58} {time.monotonic() - started:6.1f} s")


def say(line: str) -> None:
    """Print a line in one piece: `print` writes its line break apart, and steps end side by side."""
    _print(f"{_CLEARED if sys.stdout.isatty() else ''}{line}\n")


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Show on a terminal how far a step of `total` parts is; each call of what this yields tells of one part."""
    done = 0

    def advance() -> None:
        nonlocal done
        done = min(done + 1, total)
        if sys.stdout.isatty():
            filled = BAR * done // total
            _print(f"{_CLEARED}  {title} [{'#' * filled}{'.' * (BAR - filled)}] {done}/{total}")

    try:
        yield advance
    finally:
        if sys.stdout.isatty():
            _print(_CLEARED)


def _print(text: str) -> None:
    with _printing:
        sys.stdout.write(text)
        sys.stdout.flush()


def tail(log: Path) -> str:
    """Return the last lines of a log, indented, or a note that there is none."""
    if not log.exists():
        return "    (no log was written)"
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines) or "    (the log is empty)"


def run_logged(
    what: str,
    command: Command,
    log: Path,
    env: Mapping[str, str] | None = None,
    identity: Mapping[str, Any] | None = None,
    each: Callable[[str], object] = lambda line: None,
) -> None:
    """Run a command with its output in `log`, and each line told to `each`; raise with the log's end when it fails.

    `identity` are the arguments of subprocess that make the command run as another user.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("a", encoding="utf-8") as out,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **(env or {})},
            **(identity or {}),
        ) as process,
    ):
        out.write(f"$ {' '.join(map(str, command))}\n")
        for line in process.stdout or ():
            out.write(line)
            out.flush()
            each(line)
    if process.returncode != 0:
        raise LocalError(f"{what} failed with exit code {process.returncode}; the log {log} ends:\n{tail(log)}")
