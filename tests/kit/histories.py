"""Random histories of ten days: what happened to a crowd, as silver holds it, and which table-days are not there."""

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from daybook.contracts import FIGURE_TABLES
from daybook.contracts.gold_model import GoldTable
from tests.kit.gold import READ_BY_GOLD
from tests.kit.gold_reference import REFERENCES, Event, State, User, Version

A_DAY = timedelta(days=1)
FIRST = date(2025, 2, 27)
TEN_DAYS = [FIRST + n * A_DAY for n in range(10)]
RATES = {"EUR": Decimal(1), "USD": Decimal("0.905"), "XTS": Decimal("0.00010001")}
# Near each midnight and noon of ten days, so that sendings, states and clicks of one id meet within minutes, at the
# end of the five minutes of two clocks and of the day of attribution, and at the same instant.
NEAR = [
    datetime.combine(day, time(hour), tzinfo=UTC) + timedelta(minutes=m, microseconds=us)
    for day, hour, m, us in product(TEN_DAYS, (0, 12), (-6, -5, -1, 0, 1, 5), (-1, 0, 1))
    if day > FIRST or hour
]
EVENT_TYPES = [*["PAGE"] * 5, "SCROLL", "START", "LOGIN", "END", "SESSION_END"]
TableDay = tuple[str, date]
RECKONED = [table for table in FIGURE_TABLES if table.name in REFERENCES]


@dataclass(frozen=True)
class History:
    """A crowd, user n of which is named `u<n>`, and the silver table-days that were never made."""

    crowd: list[User]
    missing: frozenset[TableDay] = field(default_factory=frozenset)

    @property
    def silver(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of silver that are there."""
        return {
            table: [row for row in rows if self.has(table, date.fromisoformat(row["ds"]))]
            for table, rows in silver_of(self.crowd).items()
        }

    def has(self, table: str, day: date) -> bool:
        """Whether silver of the day is there."""
        return day in TEN_DAYS and (table, day) not in self.missing

    def makes(self, table: GoldTable, day: date) -> bool:
        """Whether gold of the day can be made: its own silver is there."""
        return all(self.has(name, day) for name in table.reads)

    def as_read(self, user: User, table: GoldTable, day: date) -> User:
        """What gold of the day may know of a user: the silver days that its contract reads, where they are there."""

        def there(name: str, ds: date) -> bool:
            return name in table.reads and ds in table.days_read(name, [day]) and self.has(name, ds)

        return User(
            events=[e for e in user.events if there("user_session_events", e.at.date())],
            messages=[m for m in user.messages if there("group_messages", m[1].date())],
            purchases=[p for p in user.purchases if there("user_purchases", p[1].date())],
            versions=[v for v in user.versions if there("user_notifications", v.ds)],
            states=[s for s in user.states if there("notification_states", s.at.date())],
        )

    def expected(self, table: GoldTable, day: date) -> list[tuple[Any, ...]]:
        """The rows of gold of the day, reckoned by itself, in plain Python, from what the day may know."""
        known = (self.as_read(user, table, day) for user in self.crowd)
        return sorted((row for n, user in enumerate(known) for row in reckoned(table, n, user, [day])), key=repr)


def reckoned(table: GoldTable, number: int, user: User, days: Collection[date]) -> list[tuple[Any, ...]]:
    """The rows of gold of a user in the contract's columns, in plain Python; it must know all of them."""
    rows = [{"user_id": f"u{number}", **row} for row in REFERENCES[table.name](user, RATES)]
    for row in rows:
        unknown = {*table.column_names} ^ row.keys()
        assert not unknown, f"the reference does not know {', '.join(sorted(unknown))}, or alone knows it"
    return [tuple(row[name] for name in table.column_names) for row in rows if row[table.day_column] in days]


def history(seed: int, users: int) -> History:
    """A history, the same for the same seed."""
    drawn = random.Random(seed)
    missing = {(name, day) for name in sorted(READ_BY_GOLD) for day in TEN_DAYS if drawn.random() < 0.08}
    return History([_user(drawn) for _ in range(users)], frozenset(missing))


def _user(drawn: random.Random) -> User:
    user = resent_to(drawn)
    for at in drawn.sample(NEAR, 3):  # several events at one instant, of which one may come again
        user.events += [Event("s", at, kind) for kind in drawn.sample(["PAGE", "START", "END"], drawn.randint(1, 3))]
    user.events = sorted(set(user.events), key=repr)
    user.messages = [(id_, at) for id_, at in _delivered(drawn)]
    user.purchases = [(id_, at, Decimal(drawn.randint(0, 9999)) / 100, drawn.choice(sorted(RATES)))
                      for id_, at in _delivered(drawn)]  # fmt: skip
    return user


def resent_to(drawn: random.Random, at_least: int = 1) -> User:
    """A user to whom one or two ids are sent one to eight times each, with states and versions in between.

    Those who get eight `at_least` get both ids. A sending may be stored so late that only the next day's silver has it,
    or taken away so early that only its own has.
    """
    user = User(events=[Event("s", at, drawn.choice(EVENT_TYPES)) for at in drawn.sample(NEAR, 6)])
    for id_ in "nm"[: drawn.randint(min(at_least, 2), 2)]:
        for sent in drawn.sample(NEAR, drawn.randint(at_least, 8)):
            for n in drawn.choice([(0,), (1,), (0, 1)]):
                told = drawn.choice("ab"), drawn.choice(["CLICKED", "SENT", None]), drawn.choice([None, *NEAR])
                user.versions.append(Version(sent.date() + n * A_DAY, id_, sent, *told))
        user.states += [State(id_, drawn.choice(["READ", "SENT"]), at) for at in drawn.choices(NEAR, k=4)]
    return user


def _delivered(drawn: random.Random) -> Iterable[tuple[str, datetime]]:
    """Ids and moments: once a day at most, on days in a row or apart."""
    for id_ in "xy":
        day = drawn.choice(TEN_DAYS)
        while day in TEN_DAYS:
            yield id_, datetime.combine(day, time(drawn.randint(0, 23), 59), tzinfo=UTC)
            day += drawn.choice([1, 1, 2, 9]) * A_DAY


def silver_of(crowd: list[User]) -> dict[str, list[dict[str, Any]]]:
    """The crowd as silver rows, each with its silver day in `ds`; user n is named `u<n>`."""
    silver: dict[str, list[dict[str, Any]]] = {
        "user_session_events": [], "group_messages": [], "user_purchases": [],
        "user_notifications": [], "notification_states": [],
    }  # fmt: skip

    def add(table: str, ds: date, **columns: Any) -> None:
        text = {c: v.isoformat() if isinstance(v, datetime) else v for c, v in columns.items()}
        silver[table].append({"ds": ds.isoformat(), **text})

    for n, user in enumerate(crowd):
        name = f"u{n}"
        for e in user.events:
            add("user_session_events", e.at.date(), user_id=name, session_id=e.session, event_time=e.at,
                event_type=e.type)  # fmt: skip
        for id_, at in user.messages:
            add("group_messages", at.date(), user_id=name, group_id=name, message_id=id_, created_at=at)
        for id_, at, amount, code in user.purchases:
            add("user_purchases", at.date(), user_id=name, purchase_id=id_, purchase_time=at, amount=f"{amount:.2f}",
                currency=code)  # fmt: skip
        for v in user.versions:
            add("user_notifications", v.ds, user_id=name, notification_id=v.id, notification_time=v.sent,
                content=v.text, state=v.state, modified_at=v.modified)  # fmt: skip
        for s in user.states:
            add("notification_states", s.at.date(), user_id=name, notification_id=s.id, status=s.status,
                updated_at=s.at)  # fmt: skip
    return silver
