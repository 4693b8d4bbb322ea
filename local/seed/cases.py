"""The one table of what is planted: every kind of dirt and every awkward but valid case, with its share.

The share counts cases per ordinary row of the table (of the day, where the table goes by days); each case
occurs at least once. What the ledger must say about a row follows from this table and from nothing else.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One kind of planted row. Without reasons and not a duplicate, it is valid and must be kept."""

    table: str
    name: str
    share: float
    reasons: tuple[str, ...] = ()
    duplicate: bool = False

    def count(self, ordinary_rows: float) -> int:
        """How often the case occurs among so many ordinary rows."""
        return max(1, round(self.share * ordinary_rows))


CASES = (
    Case("users", "email_null", 0.005, ("email:missing",)),
    Case("users", "email_blank", 0.002, ("email:missing",)),
    Case("users", "email_malformed", 0.005, ("email:malformed",)),
    Case("users", "updated_before_created", 0.005, ("updated_before_created",)),
    Case("users", "in_2099", 0.003, ("created_at:in_future", "updated_at:in_future")),
    Case("users", "created_1970", 0.003, ("created_at:too_old",)),
    Case("users", "created_infinity", 0.002, ("created_at:type",)),
    Case("users", "malformed_and_turned", 0.002, ("email:malformed", "updated_before_created")),
    Case("users", "email_in_blanks", 0.02),
    Case("users", "created_null", 0.01),
    Case("users", "odd_name", 0.02),
    Case("groups", "updated_before_created", 0.02, ("updated_before_created",)),
    Case("groups", "odd_text", 0.05),
    Case("groups_users_user", "null_member", 0.005, ("users_id:missing",)),
    Case("groups_users_user", "written_twice", 0.02, duplicate=True),
    Case("activities", "scheduled_malformed", 0.02, ("scheduled_at:type",)),
    Case("activities", "scheduled_1999", 0.01, ("scheduled_at:too_old",)),
    Case("activities", "created_null", 0.01, ("created_at:missing",)),
    Case("activities", "status_untidy", 0.05),
    Case("activities", "odd_text", 0.05),
    Case("notification_states", "status_null", 0.004, ("status:missing",)),
    Case("notification_states", "status_blank", 0.004, ("status:missing",)),
    Case("notification_states", "changed_twice", 0.01),
    Case("notification_states", "written_twice", 0.004, duplicate=True),
    Case("notification_states", "unknown_notification", 0.005),
    Case("group_messages", "author_null", 0.003, ("user_id:missing",)),
    Case("group_messages", "sent_twice", 0.005, duplicate=True),
    Case("group_messages", "odd_text", 0.05),
    Case("user_notifications", "modified_1970", 0.002, ("modified_at:too_old",)),
    Case("user_notifications", "sent_again", 0.005),
    Case("user_notifications", "state_untidy", 0.01),
    Case("user_notifications", "click_untimed", 0.002),
    Case("user_notifications", "clicked_next_day", 0.03),
    Case("user_notifications", "odd_text", 0.02),
    Case("user_purchases", "negative", 0.003, ("amount:negative",)),
    Case("user_purchases", "implausible", 0.001, ("amount:implausible",)),
    Case("user_purchases", "amount_null", 0.003, ("amount:missing",)),
    Case("user_purchases", "currency_null", 0.003, ("currency:missing",)),
    Case("user_purchases", "currency_euro", 0.003, ("currency:malformed", "currency:no_rate")),
    Case("user_purchases", "currency_xxx", 0.002, ("currency:no_rate",)),
    Case("user_purchases", "currency_outdated", 0.002, ("currency:rate_too_old",)),
    Case("user_purchases", "currency_untidy", 0.01),
    Case("user_purchases", "three_decimals", 0.005),
    Case("user_session_events", "type_blank", 0.002, ("event_type:missing",)),
    Case("user_session_events", "start_twice", 0.002, duplicate=True),
    Case("user_session_events", "type_untidy", 0.005),
    Case("user_session_events", "over_midnight", 0.005),
    Case("user_session_events", "without_end", 0.01),
    Case("user_session_events", "end_alone", 0.005),
    Case("user_session_events", "two_devices", 0.005),
)
CASE_OF = {(case.table, case.name): case for case in CASES}


def cases_of(table: str) -> tuple[Case, ...]:
    """The cases planted in one table."""
    return tuple(case for case in CASES if case.table == table)
