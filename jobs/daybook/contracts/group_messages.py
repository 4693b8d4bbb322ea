"""Contract of `group_messages`."""

from daybook.contracts.model import Column, SourceTable, Window

GROUP_MESSAGES = SourceTable(
    name="group_messages",
    source="cassandra",
    grain="One row per message written on the day.",
    columns=(
        Column("group_id", "uuid", "The group written to.", required=True, id_kind="group"),
        Column("created_at", "timestamp", "When it was written.", required=True),
        Column("message_id", "uuid", "The message.", required=True, id_kind="message"),
        Column("user_id", "uuid", "The author.", required=True, id_kind="user"),
        Column("content", "string", "The text, as written."),
    ),
    key=("group_id", "message_id"),
    latest_by="created_at",
    window=Window("created_at"),
    meaning_version=2,
)
