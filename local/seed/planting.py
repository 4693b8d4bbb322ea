"""Placing the planted cases: as extra rows of a day, or on rows drawn from a whole table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from uuid import UUID

from local.seed.cases import cases_of
from local.seed.plan import Plan
from local.seed.rhythm import moment
from local.seed.rows import Row


@dataclass(frozen=True)
class Spot:
    """Where one case is planted; `number` counts the case's occurrences of that day."""

    plan: Plan
    day: int
    random: Random
    number: int

    def user(self) -> UUID:
        """Some user."""
        return self.plan.id_of("user", self.random.randrange(self.plan.users))

    def moment(self, room: int = 0) -> int:
        """Some moment of the day."""
        return moment(self.plan, self.random, self.day, room)


def planted(
    plan: Plan, table: str, day: int, ordinary_rows: float, make: Callable[[Spot, str], Iterator[Row]]
) -> Iterator[Row]:
    """All cases of a table that goes by days, as rows of their own beside the ordinary ones."""
    for case in cases_of(table):
        random = plan.random(table, case.name, day)
        for number in range(case.count(ordinary_rows)):
            yield from make(Spot(plan, day, random, number), case.name)


@lru_cache(maxsize=4)
def drawn(plan: Plan, table: str, rows: int) -> dict[int, tuple[str, int]]:
    """For a whole table: which row numbers bear which case, and the case's how-manieth it is.

    A table too small for all its cases gets the first ones.
    """
    bearers = [(case.name, number) for case in cases_of(table) for number in range(case.count(rows))]
    bearers = bearers[:rows]
    return dict(zip(plan.random(table, "drawn").sample(range(rows), len(bearers)), bearers, strict=True))
