"""The seeded tables: what each is made from, and the pieces of work that make it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from daybook.contracts.activities import ACTIVITIES
from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.groups import GROUPS
from daybook.contracts.groups_users_user import GROUPS_USERS_USER
from daybook.contracts.model import SourceTable
from daybook.contracts.notification_states import NOTIFICATION_STATES
from daybook.contracts.user_notifications import USER_NOTIFICATIONS
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.user_session_events import USER_SESSION_EVENTS
from daybook.contracts.users import USERS
from local.seed import activities, groups, messages, notifications, purchases, rows, sessions, states, users
from local.seed.plan import Plan
from local.seed.rows import Row

THINGS_PER_TASK = 4000  # a few seconds of work: little to hold in memory, little to wait for at the end


@dataclass(frozen=True)
class Table:
    """One table: `make` yields the rows of some things (users, groups …) on a day, `plant` a day's cases.

    A table without `plant` is a whole table: it is made once, and its cases are among the things themselves.
    """

    contract: SourceTable
    columns: tuple[str, ...]
    things: Callable[[Plan], int]
    make: Callable[[Plan, int, range], Iterator[Row]]
    plant: Callable[[Plan, int], Iterator[Row]] | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return self.contract.name

    @property
    def store(self) -> str:
        """The database it lives in."""
        return self.contract.source

    @property
    def days_back(self) -> int:
        """How many days before its own a day's bronze holds, too."""
        return self.contract.window.days_back if self.contract.window else 0


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
    Table(USERS, rows.User._fields, _users, users.users),
    Table(GROUPS, rows.Group._fields, _groups, groups.groups),
    Table(GROUPS_USERS_USER, rows.Membership._fields, _users, groups.memberships),
    Table(ACTIVITIES, rows.Activity._fields, _activities, activities.activities),
    Table(NOTIFICATION_STATES, rows.NotificationState._fields, _users, states.states, states.planted_states),
    Table(GROUP_MESSAGES, rows.Message._fields, _groups, messages.messages, messages.planted_messages),
    Table(
        USER_NOTIFICATIONS,
        rows.Notification._fields,
        _users,
        notifications.notifications,
        notifications.planted_notifications,
    ),
    Table(USER_PURCHASES, rows.Purchase._fields, _users, purchases.purchases, purchases.planted_purchases),
    Table(USER_SESSION_EVENTS, rows.Event._fields, _users, sessions.events, sessions.planted_events),
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
