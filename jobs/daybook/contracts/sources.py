"""The contracts of the source tables, by source."""

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

POSTGRES_TABLES: tuple[SourceTable, ...] = (
    USERS,
    GROUPS,
    GROUPS_USERS_USER,
    ACTIVITIES,
    NOTIFICATION_STATES,
)
CASSANDRA_TABLES: tuple[SourceTable, ...] = (
    GROUP_MESSAGES,
    USER_NOTIFICATIONS,
    USER_PURCHASES,
    USER_SESSION_EVENTS,
)
SOURCE_TABLES: tuple[SourceTable, ...] = POSTGRES_TABLES + CASSANDRA_TABLES
