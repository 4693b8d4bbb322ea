"""What runs on this machine, by command line."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

_EVERY_SECONDS = 0.5


def command_lines() -> list[tuple[psutil.Process, str]]:
    """Each process and its command line."""
    return [(process, " ".join(process.info["cmdline"] or ())) for process in psutil.process_iter(["cmdline"])]


def running(*words: str) -> list[psutil.Process]:
    """The processes whose command line has all these words."""
    return [process for process, line in command_lines() if all(word in line for word in words)]


def below(parent: int, *words: str) -> list[psutil.Process]:
    """The processes that a process started, and they in turn, whose command line has all these words."""
    started = psutil.Process(parent).children(recursive=True)
    return [process for process in running(*words) if process in started]


@contextmanager
def stopped_after(parent: int) -> Iterator[None]:
    """A block after which a process and all that it started have ended, however the block ends."""
    try:
        yield
    finally:
        for process in [*below(parent), psutil.Process(parent)] if psutil.pid_exists(parent) else ():
            with suppress(psutil.NoSuchProcess):
                process.kill()


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs; a zombie does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True)
class CommandLines:
    """All command lines seen so far."""

    seen: set[str] = field(default_factory=set)

    @contextmanager
    def watched(self) -> Iterator["CommandLines"]:
        """Look at all processes again and again until the block ends."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_EVERY_SECONDS):
                self.seen.update(line for _, line in command_lines())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield self
        finally:
            over.set()
            watcher.join()
