"""What is to be generated: sizes, days, and the names and random numbers that follow from the seed alone."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID, uuid5

MINUTE = 60_000  # times are milliseconds since 1970: exact, fast, and what Cassandra stores
HOUR = 60 * MINUTE
DAY = 24 * HOUR
USERS_PER_GROUP = 8
ACTIVITIES_PER_USER = 0.5
_NAMES = UUID("5eedda7a-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class Plan:
    """The arguments of a seeding. Equal plans give equal rows, on any machine, by any number of processes."""

    users: int
    days: int
    seed: int
    start: date
    events_per_user: float = 5.0
    messages_per_user: float = 1.5
    purchases_per_user: float = 1.5
    notifications_per_user: float = 2.5

    @property
    def groups(self) -> int:
        """Number of groups; user u is at home in group u modulo this number."""
        return max(4, self.users // USERS_PER_GROUP)

    @property
    def activities(self) -> int:
        """Number of activities."""
        return max(25, int(self.users * ACTIVITIES_PER_USER))

    @property
    def dates(self) -> list[date]:
        """The UTC days with data, in order."""
        return [self.start + timedelta(days=n) for n in range(self.days)]

    @property
    def end(self) -> int:
        """The first millisecond after the last day."""
        return self.midnight(self.days)

    def midnight(self, day: int) -> int:
        """The first millisecond of a day, counted from 0 for the first."""
        return (self.start - date(1970, 1, 1)).days * DAY + day * DAY

    def id_of(self, kind: str, number: int) -> UUID:
        """The id of a thing that several tables name, found without remembering it."""
        return uuid5(_NAMES, f"{self.seed}-{kind}-{number}")

    def random(self, *topic: object) -> Random:
        """Random numbers for one topic, so that no row depends on how or when the others were made."""
        return Random("/".join(map(str, (self.seed, *topic))))

    def arguments(self) -> dict[str, object]:
        """The arguments, for the record."""
        return {**asdict(self), "start": self.start.isoformat()}


def new_id(random: Random) -> UUID:
    """A random id, like those the product makes."""
    return UUID(int=random.getrandbits(128), version=4)


def amount(random: Random, mean: float) -> int:
    """A skewed count with exactly this mean: many small ones, some three times as large.

    Sums and products only: a logarithm's last digit may differ between machines.
    """
    share = random.random()
    return int(3.0 * mean * share * share + random.random())


def iso(milliseconds: int) -> str:
    """A time as PostgreSQL reads it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def day_after(moment: str) -> str:
    """The same time a day later."""
    return (datetime.fromisoformat(moment) + timedelta(days=1)).isoformat(timespec="milliseconds")
