"""Rows of `activities`, with `scheduled_at` in all the forms its several clients write."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from local.seed.groups import home_of
from local.seed.plan import DAY, Plan, iso
from local.seed.planting import drawn
from local.seed.rows import Activity, Row
from local.seed.texts import PHRASES, PLACES, TOPICS, odd

STATUSES = ("PLANNED", "CONFIRMED", "CANCELLED", "DONE")
MALFORMED = ("31/04/2025", "12:30", "next friday", "2025-02-30", "2025-13-01T10:00:00Z", "1/5/2025")
# every form that silver admits, in turn
FORMS: tuple[Callable[[datetime], str | None], ...] = (
    lambda at: at.strftime("%Y-%m-%d"),
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S"),
    lambda at: at.strftime("%Y-%m-%d %H:%M"),
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S+02:00"),
    lambda at: at.strftime("%Y-%m-%d %H:%M:%S-0530"),
    lambda at: at.strftime("%Y-%m-%dT%H:%M+01"),
    lambda at: at.strftime("%d/%m/%Y"),
    lambda at: at.strftime("%d/%m/%Y %H:%M"),
    lambda at: at.strftime("%d/%m/%Y %H:%M:%S"),
    lambda at: str(int(at.timestamp())),
    lambda at: str(int(at.timestamp()) * 1000 + 250),
    lambda at: at.strftime("  %Y-%m-%d "),
    lambda at: "   ",
    lambda at: None,
)


def activities(plan: Plan, _day: int, numbers: range) -> Iterator[Row]:
    """The activities of these numbers."""
    cases = drawn(plan, "activities", plan.activities)
    for number in numbers:
        case, nth = cases.get(number, ("", 0))
        activity = _activity(plan, number)
        yield Row(None, case, _CHANGES[case](activity, nth) if case else activity)


def _activity(plan: Plan, number: int) -> Activity:
    random = plan.random("activities", number)
    created = plan.midnight(0) - random.randrange(DAY, 60 * DAY)
    scheduled = datetime.fromtimestamp((created + random.randrange(DAY, 90 * DAY)) // 1000, UTC)
    user = random.randrange(plan.users)
    topic, place = random.choice(TOPICS), random.choice(PLACES)
    return Activity(
        id=plan.id_of("activity", number),
        group_id=plan.id_of("group", home_of(plan, user)),
        user_id=None if random.random() < 0.05 else plan.id_of("user", user),
        activity_type=topic.split()[0].lower(),
        title=f"{topic} in {place}",
        description=random.choice((None, *PHRASES)),
        location=place,
        scheduled_at=FORMS[number % len(FORMS)](scheduled),
        status=random.choice(STATUSES),
        created_at=iso(created),
    )


_CHANGES: dict[str, Callable[[Activity, int], Activity]] = {
    "scheduled_malformed": lambda row, nth: row._replace(scheduled_at=MALFORMED[nth % len(MALFORMED)]),
    "scheduled_1999": lambda row, _: row._replace(scheduled_at="1999-12-31"),
    "created_null": lambda row, _: row._replace(created_at=None),
    "status_untidy": lambda row, nth: row._replace(status=(" planned", "Confirmed\t", " DONE ")[nth % 3]),
    "odd_text": lambda row, nth: row._replace(title=odd(nth), description=odd(nth + 1), location=odd(nth + 2)),
}
