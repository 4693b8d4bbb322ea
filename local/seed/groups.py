"""Rows of `groups` and of `groups_users_user`."""

from collections.abc import Iterator

from local.seed.plan import DAY, Plan, amount, day_after, iso
from local.seed.planting import drawn
from local.seed.rows import Group, Membership, Row
from local.seed.texts import PHRASES, PLACES, TOPICS, odd

FURTHER_GROUPS = 0.8  # memberships of a user besides the one at home, on average


def groups(plan: Plan, _day: int, numbers: range) -> Iterator[Row]:
    """The groups of these numbers."""
    cases = drawn(plan, "groups", plan.groups)
    for number in numbers:
        case, nth = cases.get(number, ("", 0))
        group = _group(plan, number)
        if case == "updated_before_created":
            group = group._replace(created_at=day_after(group.updated_at))
        elif case == "odd_text":
            group = group._replace(name=odd(nth), description=odd(nth + 1))
        yield Row(None, case, group)


def _group(plan: Plan, number: int) -> Group:
    random = plan.random("groups", number)
    created = plan.midnight(0) - random.randrange(2 * DAY, 700 * DAY)
    return Group(
        id=plan.id_of("group", number),
        name=f"{random.choice(TOPICS)} {random.choice(PLACES)}",
        description=random.choice((None, *PHRASES)),
        created_at=None if random.random() < 0.02 else iso(created),
        updated_at=iso(random.randrange(created, plan.midnight(0))),
    )


def home_of(plan: Plan, user: int) -> int:
    """The group a user is in for certain."""
    return user % plan.groups


def memberships(plan: Plan, _day: int, numbers: range) -> Iterator[Row]:
    """The memberships of these users: the home group and a few others, each once unless planted twice."""
    cases = drawn(plan, "groups_users_user", plan.users)
    for number in numbers:
        case, _ = cases.get(number, ("", 0))
        joined = _joined(plan, number)
        yield from (Row(None, "", membership) for membership in joined)
        if case == "written_twice":
            yield Row(None, case, joined[0])
        elif case == "null_member":
            yield Row(None, case, joined[0]._replace(users_id=None))


def _joined(plan: Plan, user: int) -> list[Membership]:
    random = plan.random("groups_users_user", user)
    others = random.sample(range(plan.groups), min(amount(random, FURTHER_GROUPS), plan.groups))
    joined = dict.fromkeys([home_of(plan, user), *others])
    return [Membership(plan.id_of("group", group), plan.id_of("user", user)) for group in joined]
