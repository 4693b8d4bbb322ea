"""Rows of `group_messages`, made group by group because that is how they are stored."""

from collections.abc import Iterator
from random import Random
from uuid import UUID

from local.seed.groups import home_of
from local.seed.plan import Plan, amount, new_id
from local.seed.planting import Spot, planted
from local.seed.rhythm import moment
from local.seed.rows import Message, Row
from local.seed.texts import ODD_TEXTS, phrase

TABLE = "group_messages"
# PostgreSQL's text holds no NUL, Cassandra's does
TEXTS = (*ODD_TEXTS, "a NUL \x00 inside")


def messages(plan: Plan, day: int, numbers: range) -> Iterator[Row]:
    """What was written in these groups on the day, by users at home there."""
    mean = plan.messages_per_user * plan.users / plan.groups
    for number in numbers:
        random = plan.random(TABLE, day, number)
        group = plan.id_of("group", number)
        for _ in range(amount(random, mean)):
            author = plan.id_of("user", _author(plan, random, number))
            written = _message(random, group, author, moment(plan, random, day))
            yield Row(written.created_at, "", written)


def planted_messages(plan: Plan, day: int) -> Iterator[Row]:
    """The day's planted cases."""
    return planted(plan, TABLE, day, plan.users * plan.messages_per_user, _case)


def _author(plan: Plan, random: Random, group: int) -> int:
    """A user at home in the group; in a group without any, whoever has the group's number left over."""
    at_home = range(group, plan.users, plan.groups)
    return random.choice(at_home) if at_home else group % plan.users


def _message(random: Random, group: UUID, author: UUID, at: int) -> Message:
    return Message(group, at, new_id(random), author, phrase(random))


def _case(spot: Spot, name: str) -> Iterator[Row]:
    user = spot.random.randrange(spot.plan.users)
    group = spot.plan.id_of("group", home_of(spot.plan, user))
    written = _message(spot.random, group, spot.plan.id_of("user", user), spot.moment(room=1000))
    if name == "author_null":
        yield Row(written.created_at, name, written._replace(user_id=None))
    elif name == "odd_text":
        yield Row(written.created_at, name, written._replace(content=TEXTS[spot.number % len(TEXTS)]))
    else:
        again = written._replace(created_at=written.created_at + 1000)
        yield Row(written.created_at, "", written)
        yield Row(again.created_at, name, again)
