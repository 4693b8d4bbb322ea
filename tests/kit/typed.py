"""Typing what a last line says after `next:`, as a person does: as it stands, in a shell, from the checkout."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.harness import Daybook, Driver, Ended, ended
from toolchain import places

DAY, BEFORE = "2025-03-02", "2025-03-01"
OF_DAY = ("--ds", DAY)
NEXT = " -- next: "
# Where the command begins in a line whose first words are a person's: "restore it, or spark-submit …".
_COMMAND = re.compile(r"(?:^|[ `])((?:spark-submit|python|sed|export|unset|DAYBOOK_\w+=\S+ python) [^`]*)")
_PYTHON = """#!/bin/sh
case "$1" in *page.py) name=page ;; *) name=duckdb ;; esac
exec "{envs}/$name/bin/python" "$@"
"""
_MOST = 9  # lines that are typed until all is well; the longest chain goes from the sources to the file


def next_of(line: str) -> str:
    """What a line says after `next:`."""
    return line.partition(NEXT)[2].splitlines()[0]


def command_in(said: str) -> str:
    """The command in what is said; a sentence may lead to it."""
    found = _COMMAND.search(said)
    assert found, f"no command: {said}"
    return found[1].removesuffix(" makes it anew from gold")


@dataclass(frozen=True)
class Typist:
    """Somebody at a shell with the settings of the jobs; `elsewhere` holds the programs that are found first.

    A command that was typed before, but for its day, is given to the drivers that stay: it is the same job file.
    """

    daybook: Daybook
    drivers: tuple[Driver, Driver]
    elsewhere: Path
    settings: dict[str, str]
    known: set[str] = field(default_factory=set)

    def type(self, command: str, **changes: str) -> Ended:
        """Type the command; of several with && between them each is a command."""
        done = Ended(0, "")
        for each in command.split(" && "):
            done = self._one(each, self.settings | changes)
            if done.code:
                return done
        return done

    def follow(self, job: str, *arguments: str, **changes: str) -> list[str]:
        """Run a job, type what it says, and run it again, until it ends well; returns what was typed.

        What a typed command says in its turn, if it fails, is typed next.
        """
        lines: list[str] = []
        said = self.run(job, *arguments, **changes)
        while said.code:
            assert len(lines) < _MOST, (lines, said.output)
            lines.append(command_in(next_of(said.last_line)))
            done = self.type(lines[-1], **changes)
            said = done if done.code else self.run(job, *arguments, **changes)
        return lines

    def run(self, job: str, *arguments: str, **changes: str) -> Ended:
        """Run a job in the driver that stays."""
        spark, plain = self.drivers
        one = plain if job in ("load_duckdb", "verify") else spark
        return one.run(job, *arguments, **self.settings | changes)

    def _one(self, command: str, settings: dict[str, str]) -> Ended:
        words, form = shlex.split(command), re.sub(r"\d{4}-\d\d-\d\d", "D", command)
        if form in self.known and words[0] in ("spark-submit", "python"):
            return self.run(Path(words[1]).stem, *words[2:], **settings)
        self.known.add(form)
        python = self.elsewhere / "python"
        python.write_text(_PYTHON.format(envs=places.ROOT / ".local" / "envs"))
        python.chmod(0o755)
        env = self.daybook.env(**settings)
        env["PATH"] = f"{self.elsewhere}:{env['PATH']}"
        return ended(["bash", "-c", command], env, places.ROOT)
