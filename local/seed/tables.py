"""The nine tables: where each one lives, what it is made from, and the pieces of work that make it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from local.seed import activities, groups, messages, notifications, purchases, rows, sessions, states, users
from local.seed.plan import Plan
from local.seed.rows import Row

THINGS_PER_TASK = 4000  # a few seconds of work: little to hold in memory, little to wait for at the end


@dataclass(frozen=True)
class Table:
    """One table: `make` yields the rows of some things (users, groups …) on a day, `plant` a day's cases.

    A table without `plant` is a whole table: it is made once, and its cases are among the things themselves.
    """

    name: str
    store: Literal["postgres", "cassandra"]
    columns: tuple[str, ...]
    things: Callable[[Plan], int]
    make: Callable[[Plan, int, range], Iterator[Row]]
    plant: Callable[[Plan, int], Iterator[Row]] | None = None
    days_back: int = 0


class Task(NamedTuple):
    """A piece of a table that one process makes and writes; no things means the day's planted cases."""

    table: str
    day: int
    things: range


def _users(plan: Plan) -> int:
    return plan.users


def _groups(plan: Plan) -> int:
    return plan.groups


def _activities(plan: Plan) -> int:
    return plan.activities


TABLES = (
    Table("users", "postgres", rows.User._fields, _users, users.users),
    Table("groups", "postgres", rows.Group._fields, _groups, groups.groups),
    Table("groups_users_user", "postgres", rows.Membership._fields, _users, groups.memberships),
    Table("activities", "postgres", rows.Activity._fields, _activities, activities.activities),
    Table(
        "notification_states",
        "postgres",
        rows.NotificationState._fields,
        _users,
        states.states,
        states.planted_states,
    ),
    Table(
        "group_messages",
        "cassandra",
        rows.Message._fields,
        _groups,
        messages.messages,
        messages.planted_messages,
    ),
    Table(
        "user_notifications",
        "cassandra",
        rows.Notification._fields,
        _users,
        notifications.notifications,
        notifications.planted_notifications,
        days_back=1,
    ),
    Table(
        "user_purchases",
        "cassandra",
        rows.Purchase._fields,
        _users,
        purchases.purchases,
        purchases.planted_purchases,
    ),
    Table(
        "user_session_events",
        "cassandra",
        rows.Event._fields,
        _users,
        sessions.events,
        sessions.planted_events,
    ),
)
TABLE_OF = {table.name: table for table in TABLES}


def tasks(plan: Plan, table: Table) -> list[Task]:
    """The pieces of a table, the same for any number of processes."""
    total = table.things(plan)
    starts = range(0, total, THINGS_PER_TASK)
    ranges = [range(start, min(start + THINGS_PER_TASK, total)) for start in starts]
    if table.plant is None:
        return [Task(table.name, 0, things) for things in ranges]
    return [Task(table.name, day, things) for day in range(plan.days) for things in [*ranges, range(0)]]


def rows_of(plan: Plan, task: Task) -> Iterator[Row]:
    """The rows of one piece."""
    table = TABLE_OF[task.table]
    if table.plant is not None and not task.things:
        return table.plant(plan, task.day)
    return table.make(plan, task.day, task.things)
