"""When things happen: quiet nights, a small peak at noon, a large one in the evening."""

from itertools import accumulate
from random import Random

from local.seed.plan import DAY, HOUR, Plan

HOUR_WEIGHTS = (6, 3, 1, 1, 1, 2, 6, 12, 18, 20, 20, 24, 32, 28, 22, 22, 26, 34, 46, 58, 66, 60, 40, 18)
_CUMULATED = tuple(accumulate(HOUR_WEIGHTS))
_HOURS = range(24)


def moment(plan: Plan, random: Random, day: int, room: int = 0) -> int:
    """A moment of the day, leaving `room` milliseconds of the day after it."""
    hour = random.choices(_HOURS, cum_weights=_CUMULATED)[0]
    within = hour * HOUR + random.randrange(HOUR)
    return plan.midnight(day) + min(within, DAY - 1 - room)


def delay(random: Random, longest: int) -> int:
    """A waiting time of at least a second: mostly short, seldom near the longest."""
    share = random.random()
    return 1000 + int(share * share * share * longest)
