"""Contract of `users`."""

from daybook.contracts.model import Column, Rule, SourceTable

USERS = SourceTable(
    name="users",
    source="postgres",
    grain="One row per user, as of the extraction.",
    columns=(
        Column("id", "uuid", "The user.", required=True, id_kind="user"),
        Column("first_name", "string", "Given name, as entered."),
        Column("last_name", "string", "Family name, as entered."),
        Column("email", "string", "Mail address.", required=True, clean="trim"),
        Column("created_at", "timestamp", "When the account was made."),
        Column("updated_at", "timestamp", "When the account last changed.", required=True),
    ),
    key=("id",),
    latest_by="updated_at",
    never_read=("password",),
    rules=(
        Rule("email:malformed", r"email RLIKE '\\A[^@]+@[^@]+\\z'"),
        Rule("updated_before_created", "updated_at >= created_at"),
    ),
    meaning_version=2,
)
