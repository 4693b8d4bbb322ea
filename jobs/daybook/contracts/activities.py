"""Contract of `activities`."""

from daybook.contracts.model import Column, SourceTable

ACTIVITIES = SourceTable(
    name="activities",
    source="postgres",
    grain="One row per activity, as of the extraction.",
    columns=(
        Column("id", "uuid", "The activity.", required=True, id_kind="activity"),
        Column("group_id", "uuid", "The group it belongs to.", id_kind="group"),
        Column("user_id", "uuid", "The user who proposed it, if known.", id_kind="user"),
        Column("activity_type", "string", "Kind of activity, as entered."),
        Column("title", "string", "Title, as entered."),
        Column("description", "string", "Description, as entered."),
        Column("location", "string", "Place, as entered."),
        Column("scheduled_at", "timestamp", "When it is to take place.", may_be_future=True),
        Column("status", "string", "State of the activity, in upper case.", clean="code"),
        Column("created_at", "timestamp", "When it was proposed.", required=True),
    ),
    key=("id",),
    latest_by="created_at",
    meaning_version=2,
)
