"""Starting, recognising and ending a server process that outlives the command that started it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolchain.report import LocalError, tail

POLL_SECONDS = 0.1


@dataclass
class Process:
    """One server's process: known by its pid file, which also holds the start time of the process.

    A pid alone could since have been given to a stranger, whom `stop` must not end.
    """

    name: str
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    _child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """The file that takes the server's output."""
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """The file that says which process is ours."""
        return self.folder / "run" / f"{self.name}.json"

    def pid(self) -> int | None:
        """Return the pid when the recorded process is alive and still the same one."""
        try:
            recorded = json.loads(self.pid_file.read_text())
        except (OSError, ValueError):
            return None
        if self._child is not None:
            self._child.poll()
        since = started_at(recorded["pid"])
        return recorded["pid"] if since is not None and since == recorded["started"] else None

    def start(self, command: Sequence[str], env: Mapping[str, str], identity: Mapping[str, Any] | None = None) -> None:
        """Start the server in a session of its own, so that it survives the terminal."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            self._child = subprocess.Popen(
                command,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                **{"cwd": self.folder, **(identity or {})},
            )
        pid = self._child.pid
        self.pid_file.write_text(json.dumps({"pid": pid, "started": started_at(pid)}))

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return once `ready` says so; raise with the log's end when the server dies or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.pid() is None:
                raise self.failure("ended while starting")
            if time.monotonic() > deadline:
                raise self.failure(f"was not ready after {seconds:.0f} s")
            time.sleep(POLL_SECONDS)

    def stop(self, seconds: float = 30) -> None:
        """End the process: politely, then after `seconds` by force, and its children with it."""
        for end, sign in ((os.kill, self.stop_signal), (os.killpg, signal.SIGKILL)):
            pid = self.pid()
            if pid is None:
                break
            end(pid, sign)
            self._wait_gone(seconds)
        self.pid_file.unlink(missing_ok=True)

    def _wait_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.pid() is not None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def failure(self, what: str) -> LocalError:
        """Return the error that tells what happened to this server, with the end of its log."""
        return LocalError(
            f"{self.name} {what}; its log {self.log} ends:\n{tail(self.log)}\n"
            "  next: put right what the log names and run: make down up; or start without data: make clean up"
        )


def started_at(pid: int) -> float | None:
    """Return when a process started, in seconds since the machine did; None when it is gone or only a zombie.

    Not the time of day: once the clock is put right, our own server would be a stranger.
    """
    import psutil  # only in the dev environment; where no server was ever started, down and clean need none

    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return round(process.create_time() - psutil.boot_time(), 2)
    return None
