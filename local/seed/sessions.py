"""Rows of `user_session_events`: sessions that start, go on and end, and those that do not."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple
from uuid import UUID

from local.seed.plan import DAY, MINUTE, Plan, amount, new_id
from local.seed.planting import Spot, planted
from local.seed.rhythm import delay, moment
from local.seed.rows import Event, Row

TABLE = "user_session_events"
EVENTS_PER_SESSION = 5.0
# the web client says START and END, older and partner clients use words of their own
WORDS = (("START", "END"),) * 17 + (
    ("LOGIN", "LOGOUT"),
    ("CONNECT", "DISCONNECT"),
    ("SESSION_START", "SESSION_END"),
)
DOINGS = ("PAGE_VIEW", "PAGE_VIEW", "SEARCH", "LIKE", "OPEN_GROUP", "UPLOAD")


class Session(NamedTuple):
    """One session: (time, event type) in order, START first and END last."""

    id: UUID
    events: list[tuple[int, str]]


def session(random: Random, start: int, length: int) -> Session:
    """A session from START to END with some doings between, no two at the same instant."""
    first, last = random.choice(WORDS)
    between = random.sample(range(1, length), amount(random, EVENTS_PER_SESSION - 2))
    doings = [(start + after, random.choice(DOINGS)) for after in sorted(between)]
    return Session(new_id(random), [(start, first), *doings, (start + length, last)])


def sessions_of(plan: Plan, day: int, user: int) -> list[Session]:
    """The ordinary sessions that a user began on the day, the same whoever asks."""
    random = plan.random(TABLE, day, user)
    count = amount(random, plan.events_per_user / EVENTS_PER_SESSION)
    return [session(random, moment(plan, random, day), delay(random, 90 * MINUTE)) for _ in range(count)]


def events(plan: Plan, day: int, numbers: range) -> Iterator[Row]:
    """The session events of these users, by the day their session began."""
    for number in numbers:
        for held in sessions_of(plan, day, number):
            yield from _rows(plan, plan.id_of("user", number), held, "")


def planted_events(plan: Plan, day: int) -> Iterator[Row]:
    """The day's planted cases."""
    return planted(plan, TABLE, day, plan.users * plan.events_per_user, _case)


def _rows(plan: Plan, user: UUID, held: Session, case: str) -> Iterator[Row]:
    """The rows of a session; what would fall after the last day has not happened yet."""
    for at, event_type in held.events:
        if at < plan.end:
            yield Row(at, case, Event(user, at, held.id, event_type))


def _case(spot: Spot, name: str) -> Iterator[Row]:
    if name in ("type_blank", "start_twice", "type_untidy"):
        yield from _spoilt(spot, name)
        return
    start = spot.moment(room=40 * MINUTE)
    if name == "over_midnight":
        start = spot.plan.midnight(spot.day) + DAY - spot.random.randrange(MINUTE, 30 * MINUTE)
    user, held = spot.user(), session(spot.random, start, 31 * MINUTE)
    if name == "without_end":
        held = held._replace(events=held.events[:-1])
    elif name == "end_alone":
        held = held._replace(events=held.events[-1:])
    elif name == "two_devices":
        yield from _rows(spot.plan, user, session(spot.random, start + 5 * MINUTE, 30 * MINUTE), name)
    yield from _rows(spot.plan, user, held, name)


def _spoilt(spot: Spot, name: str) -> Iterator[Row]:
    """A short session with one untidy row more."""
    start, user, session_id = spot.moment(room=MINUTE), spot.user(), new_id(spot.random)
    at, text = {
        "type_blank": (start + MINUTE // 2, ("", " ", "\t")[spot.number % 3]),
        "start_twice": (start, " start"),
        "type_untidy": (start + MINUTE // 2, (" page_view", "Search ")[spot.number % 2]),
    }[name]
    yield Row(start, "", Event(user, start, session_id, "START"))
    yield Row(at, name, Event(user, at, session_id, text))
    yield Row(start + MINUTE, "", Event(user, start + MINUTE, session_id, "END"))
