"""Gold in plain Python, from the definitions in words and by another road than the transforms.

It walks through the events of a session one after the other, over all days at once, and cuts time at every
midnight and at the success; it has no window of days, and asks of each state which sending it belongs to. The
transforms look at neighbouring events, sendings and states of three or four days, and add up running totals.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

START = {"START", "LOGIN", "CONNECT", "SESSION_START"}
END = {"END", "LOGOUT", "DISCONNECT", "SESSION_END"}
SUCCESS = {"CLICKED", "READ", "OPENED"}
DAY = timedelta(days=1)
LONGEST_GAP = ATTRIBUTION = DAY
CLOCKS = timedelta(minutes=5)

Stretch = tuple[datetime, datetime]
Row = TypeVar("Row", bound=tuple[Any, ...])
Figures = dict[str, Any]  # a row of gold by its columns, but for the user


@dataclass(frozen=True)
class Event:
    """A session event."""

    session: str
    at: datetime
    type: str


@dataclass(frozen=True)
class Version:
    """A notification as the silver of day `ds` has it."""

    ds: date
    id: str
    sent: datetime
    text: str | None
    state: str | None
    modified: datetime | None


@dataclass(frozen=True)
class State:
    """A notification's state in PostgreSQL, in the silver of its day."""

    id: str
    status: str
    at: datetime


@dataclass
class User:
    """Everything that happened to one user."""

    events: list[Event] = field(default_factory=list)
    messages: list[tuple[str, datetime]] = field(default_factory=list)
    purchases: list[tuple[str, datetime, Decimal, str]] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    states: list[State] = field(default_factory=list)


def activity(user: User, rates: dict[str, Decimal]) -> list[Figures]:
    """Visits, time, messages and money of each day on which there is something of the user."""
    written, bought = once(user.messages), once(user.purchases)
    seen = {e.at.date() for e in user.events} | {at.date() for _, at in written}
    visits, used = walk(user.events)
    rows: list[Figures] = []
    for day in seen | {at.date() for _, at, _, _ in bought}:
        spent = sum((end - start for start, end in cut(used, ()) if start.date() == day), timedelta())
        paid = (amount * rates[code] for _, at, amount, code in bought if at.date() == day)
        money = sum(paid, Decimal(0))
        rows.append(
            {
                "date": day,
                "total_nbr_connexion": len([at for at in visits if at.date() == day]),
                "total_spend_time": spent,
                "total_message_send_this_day": len([at for _, at in written if at.date() == day]),
                "total_money_spend": float(money.quantize(Decimal("0.01"), ROUND_HALF_UP)),
            }
        )
    return rows


def once(rows: list[Row]) -> list[Row]:
    """The rows, each an id, a moment and more, that were not there under the same id on the day before."""
    there = {(row[0], row[1].date()) for row in rows}
    return [row for row in rows if (row[0], row[1].date() - DAY) not in there]


def impact(user: User, _rates: dict[str, Decimal]) -> list[Figures]:
    """Day, text, success and time after it of each sending; knows all versions and states there are, of any day."""
    _, used = walk(user.events)
    sendings: dict[tuple[str, datetime], list[Version]] = defaultdict(list)
    for version in user.versions:
        sendings[version.id, version.sent].append(version)
    moments = {of: [v.modified or v.sent for v in told if v.state in SUCCESS] for of, told in sendings.items()}
    for state in user.states:
        if state.status in SUCCESS and (sent := sending_of(state, sendings)):
            moments[state.id, sent].append(state.at)
    rows: list[Figures] = []
    for (name, sent), told in sendings.items():
        first = min((max(moment, sent) for moment in moments[name, sent]), default=None)
        success = first is not None and first - sent < ATTRIBUTION
        rows.append(
            {
                "content_notif": sorted(told, key=_age)[-1].text,
                "notif_date": sent.date(),
                "is_success": success,
                "time_spend_after_success": _time_after(used, first) if first and success else None,
            }
        )
    return rows


def sending_of(state: State, sendings: Iterable[tuple[str, datetime]]) -> datetime | None:
    """When the sending was sent to which a state belongs, if there is one: it names the id and no sending."""
    times = sorted(sent for name, sent in sendings if name == state.id)
    past = [sent for sent in times if sent <= state.at]
    if past and state.at - past[-1] < ATTRIBUTION:
        return past[-1]
    coming = [sent for sent in times if timedelta() < sent - state.at <= CLOCKS]
    return coming[0] if coming else None


def walk(events: Iterable[Event], longest: timedelta = LONGEST_GAP) -> tuple[list[datetime], list[Stretch]]:
    """The moments at which visits begin and the stretches of time spent, session by session."""
    visits: list[datetime] = []
    used: list[Stretch] = []
    for session in {event.session for event in events}:
        last: Event | None = None
        for event in _in_order([e for e in events if e.session == session], longest):
            idle = last is None or last.type in END or event.at - last.at > longest
            if event.type in START or (idle and event.type not in END):
                visits.append(event.at)
            elif last and not idle:
                used.append((last.at, event.at))
            last = event
    return visits, used


def _in_order(events: Iterable[Event], longest: timedelta) -> Iterator[Event]:
    """The events of a session, instant by instant; those of one instant by what the instant before it holds."""
    instants: dict[datetime, list[Event]] = defaultdict(list)
    for event in events:
        instants[event.at].append(event)
    before: list[Event] = []
    for at, of_instant in sorted(instants.items()):
        is_open = any(e.type not in END and at - e.at <= longest for e in before)
        ends = [e for e in of_instant if e.type in END]
        starts = [e for e in of_instant if e.type in START]
        activity = [e for e in of_instant if e not in ends and e not in starts]
        yield from [*activity, *ends, *starts] if is_open else [*starts, *activity, *ends]
        before = of_instant


def cut(stretches: Iterable[Stretch], at: Iterable[datetime]) -> Iterator[Stretch]:
    """The same time in pieces that cross neither a midnight nor a moment of `at`."""
    for start, end in stretches:
        while start < end:
            midnight = datetime.combine(start.date() + DAY, time(), tzinfo=UTC)
            stop = min([end, midnight, *(moment for moment in at if start < moment)])
            yield start, stop
            start = stop


def _time_after(used: list[Stretch], success: datetime) -> timedelta:
    pieces = cut(used, [success])
    return sum((e - s for s, e in pieces if s >= success and s.date() == success.date()), timedelta())


def _age(version: Version) -> tuple[object, ...]:
    """Sorts versions of a sending, oldest first: by modified, NULL first, then by the silver day that has it."""
    return version.modified is not None, version.modified, version.ds


# The second reading of each gold table that has one.
REFERENCES: dict[str, Callable[[User, dict[str, Decimal]], list[Figures]]] = {
    "global_user_activity_per_day": activity,
    "global_notif_impact_per_day": impact,
}
