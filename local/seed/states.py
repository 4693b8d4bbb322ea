"""Rows of `notification_states`: a second, independent record of what became of a notification."""

from collections.abc import Iterator
from random import Random

from local.seed.notifications import SUCCESSES, notifications_of
from local.seed.plan import HOUR, MINUTE, Plan, iso, new_id
from local.seed.planting import Spot, planted
from local.seed.rhythm import delay
from local.seed.rows import Notification, NotificationState, Row

TABLE = "notification_states"
STATES_PER_NOTIFICATION = 0.45


def states(plan: Plan, day: int, numbers: range) -> Iterator[Row]:
    """What PostgreSQL knows of the notifications sent to these users on the day."""
    for number in numbers:
        random, last = plan.random(TABLE, day, number), plan.midnight(day + 1) - 1
        for sent in notifications_of(plan, day, number):
            known = _known(random, sent, last)
            if known is not None:
                status, at = known
                state = NotificationState(new_id(random), sent.user_id, sent.notification_id, status, iso(at))
                yield Row(at, "", state)


def planted_states(plan: Plan, day: int) -> Iterator[Row]:
    """The day's planted cases."""
    ordinary = plan.users * plan.notifications_per_user * STATES_PER_NOTIFICATION
    return planted(plan, TABLE, day, ordinary, _case)


def _known(random: Random, sent: Notification, last: int) -> tuple[str, int] | None:
    """Status and time on record, by `last`: often as in Cassandra, sometimes all there is, sometimes nothing."""
    chance = random.random()
    if sent.modified_at is None:
        if chance < 0.15:
            return "READ", min(sent.notification_time + delay(random, 5 * HOUR), last)
        return ("SENT", sent.notification_time) if chance < 0.35 else None
    if chance < 0.55:
        return sent.state or "SENT", sent.modified_at
    early = sent.notification_time + (sent.modified_at - sent.notification_time) // 2
    return ("READ", early) if chance < 0.65 else None


def _case(spot: Spot, name: str) -> Iterator[Row]:
    at = spot.moment(room=2 * MINUTE)
    status = SUCCESSES[spot.number % len(SUCCESSES)]
    state = NotificationState(new_id(spot.random), spot.user(), new_id(spot.random), status, iso(at))
    if name == "status_null":
        state = state._replace(status=None)
    elif name == "status_blank":
        state = state._replace(status=("  ", "", "\t")[spot.number % 3])
    elif name == "changed_twice":
        yield Row(at, "", state._replace(status="SENT"))
        at += MINUTE
        state = state._replace(updated_at=iso(at))
    elif name == "written_twice":
        yield Row(at, "", state)
    yield Row(at, name, state)
