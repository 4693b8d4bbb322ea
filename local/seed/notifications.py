"""Rows of `user_notifications`: sent, and perhaps answered; the answer is what brings a session about."""

from collections.abc import Iterator
from random import Random
from uuid import UUID

from local.seed.plan import DAY, HOUR, MINUTE, Plan, amount, new_id
from local.seed.planting import Spot, planted
from local.seed.rhythm import delay, moment
from local.seed.rows import Notification, Row
from local.seed.sessions import sessions_of
from local.seed.texts import notice, odd

TABLE = "user_notifications"
SUCCESSES = ("CLICKED", "READ", "OPENED")
OUTCOMES = ("SENT",) * 10 + ("DELIVERED",) * 2 + ("CLICKED",) * 3 + ("READ",) * 3 + ("OPENED", "DISMISSED")
SLOWEST_ANSWER = 8 * HOUR


def notifications_of(plan: Plan, day: int, user: int) -> list[Notification]:
    """The ordinary notifications sent to a user on the day, the same whoever asks."""
    random = plan.random(TABLE, day, user)
    count = amount(random, plan.notifications_per_user)
    starts = [held.events[0][0] for held in sessions_of(plan, day, user)] if count else []
    last = plan.midnight(day + 1) - 1
    return [
        _notification(random, plan.id_of("user", user), _times(plan, random, day, starts), last) for _ in range(count)
    ]


def notifications(plan: Plan, day: int, numbers: range) -> Iterator[Row]:
    """The notifications of these users."""
    for number in numbers:
        for sent in notifications_of(plan, day, number):
            yield Row(sent.notification_time, "", sent)


def planted_notifications(plan: Plan, day: int) -> Iterator[Row]:
    """The day's planted cases."""
    return planted(plan, TABLE, day, plan.users * plan.notifications_per_user, _case)


def _times(plan: Plan, random: Random, day: int, starts: list[int]) -> tuple[int, int]:
    """When it is sent, and when it would be answered: if possible as a session starts minutes later."""
    if starts and random.random() < 0.7:
        answered = random.choice(starts)
        return max(plan.midnight(day), answered - delay(random, 15 * MINUTE)), answered + random.randrange(5000)
    sent = moment(plan, random, day)
    return sent, sent + delay(random, SLOWEST_ANSWER)


def _notification(random: Random, user: UUID, times: tuple[int, int], last: int) -> Notification:
    """A notification answered by `last` at the latest: answers of the next day are planted, to be counted."""
    sent, answered = times
    state = random.choice(OUTCOMES)
    modified = None if state == "SENT" else min(answered, last)
    return Notification(user, sent, new_id(random), notice(random), state, modified)


def _case(spot: Spot, name: str) -> Iterator[Row]:
    number, random = spot.random.randrange(spot.plan.users), spot.random
    user, sent = spot.plan.id_of("user", number), spot.moment(room=2 * MINUTE)
    state = SUCCESSES[spot.number % len(SUCCESSES)]
    row = Notification(user, sent, new_id(random), notice(random), state, sent + MINUTE)
    if name == "sent_again":
        yield Row(sent, "", row)  # a sending of its own
        row = row._replace(notification_time=sent + 40_000)
    elif name == "modified_1970":
        row = row._replace(modified_at=0)
    elif name == "state_untidy":
        row = row._replace(state=(" clicked", "Read ", "dismissed\t")[spot.number % 3])
    elif name == "click_untimed":
        row = row._replace(modified_at=None)
    elif name == "odd_text":
        row = row._replace(content=odd(spot.number))
    else:
        row = _clicked_next_day(spot, number, row)
    yield Row(row.notification_time, name, row)


def _clicked_next_day(spot: Spot, user: int, row: Notification) -> Notification:
    """Sent on the day, answered on the next: minutes after midnight, or when the next session begins.

    After the last day there is none, and that next day need not have ended (`options.ANSWERED`).
    """
    midnight = spot.plan.midnight(spot.day + 1)
    if spot.number % 2 == 0 or spot.day + 1 == spot.plan.days:
        sent = midnight - delay(spot.random, HOUR)
        return row._replace(notification_time=sent, modified_at=midnight + delay(spot.random, 30 * MINUTE))
    later = sessions_of(spot.plan, spot.day + 1, user)
    answered = later[0].events[0][0] if later else midnight + spot.random.randrange(7 * HOUR, DAY)
    return row._replace(modified_at=answered)
