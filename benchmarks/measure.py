"""Running a job and taking its figures: seconds, CPU seconds, and the most memory all its processes held at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from local.stack import Stack
from toolchain import places

JOBS = ("extract_postgres", "extract_cassandra", "silver", "gold", "load_duckdb")
_LOOK_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Usage:
    """What a job took: wall clock and CPU in seconds, memory in bytes (resident, summed over its processes)."""

    seconds: float
    cpu: float
    peak: int

    def __str__(self) -> str:
        """One line of a table."""
        return f"{self.seconds:8.1f} s {self.cpu:9.1f} s CPU {self.peak / 1e9:7.2f} GB"


HEAD = f"{'wall clock':>10}{'':>15}{'peak memory':>12}"  # of a table of them


class Failed(SystemExit):
    """A command ended with another code than 0; ends the benchmark unless somebody can go on without it."""


@contextmanager
def own_stack() -> Iterator[Stack]:
    """Servers for this benchmark alone, gone with all their data when it ends."""
    with TemporaryDirectory(prefix="daybook-benchmark-") as folder:
        stack = Stack(Path(folder) / "stack")
        try:
            stack.up()
            yield stack
        finally:
            stack.clean()


def seed(stack: Stack, *options: str) -> None:
    """Fill the databases of the stack."""
    command = [sys.executable, "-m", "local.seed", "--expect", str(stack.home / "seed.json"), *options]
    subprocess.run(command, env=os.environ | stack.settings("admin"), cwd=places.ROOT, check=True)


def run(stack: Stack, job: str, *arguments: str, **changes: str) -> Usage:
    """Run one job with its default settings; ends the benchmark when the job fails."""
    return run_of(places.ROOT, stack, job, arguments, changes)


def run_of(checkout: Path, stack: Stack, job: str, arguments: Sequence[str], changes: Mapping[str, str]) -> Usage:
    """Run one job of a checkout: of this one, or of another Daybook's that has had its own `make setup`."""
    account = "loader" if job == "load_duckdb" else "etl"
    spark, loader = environment("spark", checkout), environment("duckdb", checkout)
    path = f"{spark / 'bin'}:{os.environ['PATH']}"
    runner = [str(loader / "bin" / "python")] if job == "load_duckdb" else ["spark-submit"]
    command = [*runner, str(checkout / "jobs" / f"{job}.py"), *arguments]
    return measured(stack, job, command, {**stack.settings(account), "PATH": path, **changes})


def environment(name: str, checkout: Path) -> Path:
    """One Python environment of a checkout."""
    return places.environment(name) if checkout == places.ROOT else checkout / ".local" / "envs" / name


def measured(stack: Stack, name: str, command: Sequence[str], changes: Mapping[str, str]) -> Usage:
    """Run any command as jobs are run, with their settings and its own changes; its output is in `<name>.log`.

    Raises:
        Failed: it did, with the end of what it wrote.
    """
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **stack.settings("etl"), **changes}
    with log_of(stack, name).open("w+") as log:
        code, usage = _measured(command, env, log.fileno())
        if code:
            log.seek(0)
            raise Failed(f"{' '.join(command)} ended with {code}:\n{log.read()[-2000:]}")
    return usage


def log_of(stack: Stack, name: str) -> Path:
    """What a measured command wrote."""
    return stack.home / f"{name}.log"


def last_line(stack: Stack, job: str) -> str:
    """What a job of Daybook's that was measured said at its end."""
    return [line for line in log_of(stack, job).read_text().splitlines() if " done: " in line][-1]


def _measured(command: Sequence[str], env: Mapping[str, str], log: int) -> tuple[int, Usage]:
    started, peak = time.monotonic(), 0
    process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    while True:
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        peak = max(peak, _resident(psutil.Process(process.pid)))
        time.sleep(_LOOK_EVERY_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, Usage(time.monotonic() - started, used.ru_utime + used.ru_stime, peak)


def _resident(process: psutil.Process) -> int:
    """Memory of a process and of all that it has started."""
    total = 0
    for part in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            total += part.memory_info().rss
    return total
