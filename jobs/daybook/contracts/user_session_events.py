"""Contract of `user_session_events`."""

from daybook.contracts.model import Column, SourceTable, Window

USER_SESSION_EVENTS = SourceTable(
    name="user_session_events",
    source="cassandra",
    grain="One row per session event of the day.",
    columns=(
        Column("user_id", "uuid", "The user.", required=True, id_kind="user"),
        Column("event_time", "timestamp", "When it happened.", required=True),
        Column("session_id", "uuid", "The session it belongs to.", required=True, id_kind="session"),
        Column("event_type", "string", "What happened, in upper case.", required=True, clean="code"),
    ),
    key=("user_id", "session_id", "event_time", "event_type"),
    window=Window("event_time"),
    meaning_version=2,
)
