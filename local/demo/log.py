"""The file that takes what a demonstration's jobs print, while the screen shows how far they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.run import Each
from toolchain.report import LocalError, bar, tail


@dataclass(frozen=True)
class Log:
    """One demonstration's log."""

    path: Path

    def begin(self) -> None:
        """Empty it of the last demonstration."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("")

    def write(self, line: bytes) -> None:
        """Add a line that has its line break."""
        with self.path.open("ab") as out:
            out.write(line)

    def say(self, line: str = "") -> None:
        """Add a line."""
        self.write(f"{line}\n".encode())

    @contextmanager
    def counted(self, title: str, total: int, *signs: str) -> Iterator[Each]:
        """Yield what writes a line here and moves a bar on for each line that has one of the signs."""
        with bar(title, total) as advance:

            def each(line: bytes) -> None:
                self.write(line)
                if any(sign.encode() in line for sign in signs):
                    advance()

            yield each

    def failure(self, what: str) -> LocalError:
        """The error that tells what failed, with the end of this log."""
        return LocalError(f"{what}; the log {self.path} ends:\n{tail(self.path)}")
