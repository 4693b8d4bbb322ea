"""Contract of `notification_states`."""

from daybook.contracts.model import Column, SourceTable, Window

NOTIFICATION_STATES = SourceTable(
    name="notification_states",
    source="postgres",
    grain="One row per notification state and time at which it changed on the day.",
    columns=(
        Column("id", "uuid", "The state record.", required=True, id_kind="notification-state"),
        Column("user_id", "uuid", "The user notified.", required=True, id_kind="user"),
        Column("notification_id", "uuid", "The notification.", required=True, id_kind="notification"),
        Column("status", "string", "What became of it, in upper case.", required=True, clean="code"),
        Column("updated_at", "timestamp", "When it became so.", required=True),
    ),
    # With the time: a source may keep every change under one id, and each is evidence of its own.
    key=("id", "updated_at"),
    window=Window("updated_at"),
    meaning_version=3,
)
