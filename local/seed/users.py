"""Rows of `users`."""

from collections.abc import Callable, Iterator
from random import Random

from local.seed.plan import DAY, Plan, day_after, iso
from local.seed.planting import drawn
from local.seed.rows import Row, User
from local.seed.texts import FIRST_NAMES, LAST_NAMES, MAIL_HOSTS, handle, odd

MALFORMED = ("no-at-sign.example.org", "two@@example.org", "@example.org", "nobody@", "a@b@example.org")
BLANKS = ("", "   ", "\t", "\u00a0")
OLDEST_ACCOUNT = 900 * DAY


def users(plan: Plan, _day: int, numbers: range) -> Iterator[Row]:
    """The users of these numbers; a user drawn for a case is spoilt accordingly."""
    cases = drawn(plan, "users", plan.users)
    for number in numbers:
        case, nth = cases.get(number, ("", 0))
        user = _user(plan, number)
        yield Row(None, case, _CHANGES[case](user, nth) if case else user)


def _user(plan: Plan, number: int) -> User:
    random = plan.random("users", number)
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    created = plan.midnight(0) - random.randrange(DAY, OLDEST_ACCOUNT)
    return User(
        id=plan.id_of("user", number),
        first_name=first,
        last_name=last,
        email=f"{handle(first)}.{handle(last)}{number}@{random.choice(MAIL_HOSTS)}",
        password=f"$2b$12${random.getrandbits(212):053x}",
        created_at=iso(created),
        updated_at=iso(_later(random, created, plan)),
    )


def _later(random: Random, created: int, plan: Plan) -> int:
    """When an account last changed: a third of them never did."""
    return created if random.random() < 0.33 else random.randrange(created, plan.midnight(0))


def _turned(user: User) -> User:
    """The account with its creation after its last change, as a careless import leaves it."""
    return user._replace(created_at=day_after(user.updated_at))


_CHANGES: dict[str, Callable[[User, int], User]] = {
    "email_null": lambda user, _: user._replace(email=None),
    "email_blank": lambda user, nth: user._replace(email=BLANKS[nth % len(BLANKS)]),
    "email_malformed": lambda user, nth: user._replace(email=MALFORMED[nth % len(MALFORMED)]),
    "updated_before_created": lambda user, _: _turned(user),
    "in_2099": lambda user, _: user._replace(created_at="2099-01-01Z", updated_at="2099-01-02 12:00Z"),
    "created_1970": lambda user, _: user._replace(created_at="1970-01-01T00:00:00Z"),
    "created_infinity": lambda user, _: user._replace(created_at="infinity"),
    "malformed_and_turned": lambda user, nth: _turned(user)._replace(email=MALFORMED[nth % len(MALFORMED)]),
    "email_in_blanks": lambda user, nth: user._replace(email=f"{BLANKS[1 + nth % 3]}{user.email} "),
    "created_null": lambda user, _: user._replace(created_at=None),
    "odd_name": lambda user, nth: user._replace(first_name=odd(nth), last_name=odd(nth + 5)),
}
