"""What the peers are measured on: how many users, how many days, and whether one of the users does half of it all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from benchmarks import measure
from daybook import days
from local.seed import to_cassandra
from local.seed.plan import DAY, Plan, new_id
from local.seed.rows import Event, Row
from local.seed.sessions import TABLE
from local.seed.tables import TABLE_OF
from local.stack import Stack
from toolchain import places

FIRST = date(2025, 3, 1)
_SESSIONS = 1000
_VISIT = 10  # events


@dataclass(frozen=True)
class Load:
    """Seeded days; `busy`: one user more, who has as many events as all the others together."""

    name: str
    users: int
    days: int = 1
    busy: bool = False

    @property
    def span(self) -> list[date]:
        """Its days."""
        return days.through(FIRST, days.shifted(FIRST, self.days - 1))

    @property
    def arguments(self) -> list[str]:
        """The days as a job's and a peer's command line."""
        first, last = str(self.span[0]), str(self.span[-1])
        return ["--ds", first] if self.days == 1 else ["--from", first, "--to", last]

    @property
    def events(self) -> int:
        """How many session events are planned for its users on a day."""
        return int(self.users * Plan.events_per_user)

    def __str__(self) -> str:
        """As the help and the table name it."""
        span = f"{self.days} days" if self.days > 1 else "a day"
        return f"{self.name}: {self.users:,} users{', one more with half of the events' * self.busy}, {span}"

    def seed(self, stack: Stack) -> None:
        """Fill the stack's databases."""
        measure.seed(stack, "--days", str(self.days), "--users", str(self.users))
        if self.busy:
            add_events(stack, self.events)


LOADS = {
    load.name: load
    for load in (
        Load("small", 300),
        Load("big", 200_000),
        Load("month", 300, days=30),
        Load("big_month", 22_000, days=30),
        Load("tenfold", 2_000_000),
        Load("busy", 200_000, busy=True),
    )
}


def more_events(events: int, users: int = 1, sessions: int = _SESSIONS) -> Iterator[Row]:
    """So many events, spread evenly over the first day and over sessions, in visits of ten; users have them in turn."""
    plan = Plan(1, 1, 0, FIRST)
    random = plan.random("busy")
    ids = [plan.id_of("busy", number) for number in range(users)]
    held = [new_id(random) for _ in range(sessions)]
    for number in range(events):
        session = number % sessions
        kind = "PAGE_VIEW" if number // sessions % _VISIT else "START"
        at = plan.midnight(0) + number * DAY // events
        yield Row(at, "", Event(ids[session % users], at, held[session], kind))


def add_events(stack: Stack, *shape: int) -> None:
    """Write them to a stack that is seeded: how many, of how many users, in how many sessions."""
    command = [sys.executable, "-m", "benchmarks.peers.loads", *map(str, shape)]
    subprocess.run(command, env=os.environ | stack.settings("admin"), cwd=places.ROOT, check=True)


if __name__ == "__main__":
    to_cassandra.write(to_cassandra.connect(), TABLE_OF[TABLE], more_events(*map(int, sys.argv[1:])))
