"""Contract of `user_notifications`."""

from daybook.contracts.model import Column, SourceTable, Window

USER_NOTIFICATIONS = SourceTable(
    name="user_notifications",
    source="cassandra",
    grain="One row per sending of a notification on the day or the day before, as of the extraction.",
    columns=(
        Column("user_id", "uuid", "The user notified.", required=True, id_kind="user"),
        Column("notification_time", "timestamp", "When it was sent.", required=True),
        Column(
            "notification_id", "uuid", "The notification; may be sent again.", required=True, id_kind="notification"
        ),
        Column("content", "string", "The text sent."),
        Column("state", "string", "What the user did with it, in upper case.", clean="code"),
        Column("modified_at", "timestamp", "When the state changed; NULL if never."),
    ),
    # Cassandra's own: the same id at another time is another sending.
    key=("user_id", "notification_time", "notification_id"),
    latest_by="modified_at",
    window=Window("notification_time", days_back=1),
    meaning_version=2,
)
