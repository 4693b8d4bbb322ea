"""What runs on this machine, by command line.."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_EVERY_SECONDS = 0.2


def command_lines() -> dict[int, str]:
    """Process → its command line."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[int(file.parent.name)] = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has just ended
    return found


def running(words: str) -> list[int]:
    """The processes whose command line has these words."""
    return [process for process, line in command_lines().items() if words in line]


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
                self.seen.update(command_lines().values())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield self
        finally:
            over.set()
            watcher.join()
