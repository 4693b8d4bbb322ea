"""What the user sees: one line per finished step, and one line plus the log's end when a step fails."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TAIL_LINES = 20


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
    sys.stdout.write(f"{line}\n")
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
) -> None:
    """Run a command with its output in `log`; raise with the log's end when it fails.

    `identity` are the arguments of subprocess that make the command run as another user.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        out.write(f"$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, **(env or {})},
            **(identity or {}),
        )
    if done.returncode != 0:
        raise LocalError(f"{what} failed with exit code {done.returncode}; the log {log} ends:\n{tail(log)}")
