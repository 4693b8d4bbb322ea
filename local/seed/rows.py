"""What a generator yields, and the columns of the tables."""

from decimal import Decimal
from typing import NamedTuple
from uuid import UUID


class User(NamedTuple):
    """A row of `users`."""

    id: UUID
    first_name: str | None
    last_name: str | None
    email: str | None
    password: str
    created_at: str | None
    updated_at: str


class Group(NamedTuple):
    """A row of `groups`."""

    id: UUID
    name: str | None
    description: str | None
    created_at: str | None
    updated_at: str


class Membership(NamedTuple):
    """A row of `groups_users_user`."""

    groups_id: UUID
    users_id: UUID | None


class Activity(NamedTuple):
    """A row of `activities`."""

    id: UUID
    group_id: UUID
    user_id: UUID | None
    activity_type: str
    title: str | None
    description: str | None
    location: str | None
    scheduled_at: str | None
    status: str | None
    created_at: str | None


class NotificationState(NamedTuple):
    """A row of `notification_states`."""

    id: UUID
    user_id: UUID
    notification_id: UUID
    status: str | None
    updated_at: str


class Message(NamedTuple):
    """A row of `group_messages`."""

    group_id: UUID
    created_at: int
    message_id: UUID
    user_id: UUID | None
    content: str | None


class Notification(NamedTuple):
    """A row of `user_notifications`."""

    user_id: UUID
    notification_time: int
    notification_id: UUID
    content: str | None
    state: str | None
    modified_at: int | None


class Purchase(NamedTuple):
    """A row of `user_purchases`."""

    user_id: UUID
    purchase_time: int
    purchase_id: UUID
    product_type: str
    amount: Decimal | None
    currency: str | None


class Event(NamedTuple):
    """A row of `user_session_events`."""

    user_id: UUID
    event_time: int
    session_id: UUID
    event_type: str


Values = User | Group | Membership | Activity | NotificationState | Message | Notification | Purchase | Event


class Row(NamedTuple):
    """One row to write.

    `at` is the time by which the ledger counts it, None in a whole table; `case` is the planted case it was
    made for, empty for an ordinary row.
    """

    at: int | None
    case: str
    values: Values
