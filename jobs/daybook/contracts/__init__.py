"""The contracts of all tables, by layer. The one list that jobs, tests and docs go by."""

from daybook.contracts import checks
from daybook.contracts.activities import ACTIVITIES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.gold_model import GoldTable
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
GOLD_TABLES: tuple[GoldTable, ...] = (GLOBAL_USER_ACTIVITY_PER_DAY, GLOBAL_NOTIF_IMPACT_PER_DAY)

checks.of_all(SOURCE_TABLES, GOLD_TABLES)
