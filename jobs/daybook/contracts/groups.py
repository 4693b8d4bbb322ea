"""Contract of `groups`."""

from daybook.contracts.model import Column, Rule, SourceTable

GROUPS = SourceTable(
    name="groups",
    source="postgres",
    grain="One row per group, as of the extraction.",
    columns=(
        Column("id", "uuid", "The group.", required=True, id_kind="group"),
        Column("name", "string", "Name, as entered."),
        Column("description", "string", "Description, as entered."),
        Column("created_at", "timestamp", "When the group was made."),
        Column("updated_at", "timestamp", "When the group last changed.", required=True),
    ),
    key=("id",),
    latest_by="updated_at",
    rules=(Rule("updated_before_created", "updated_at >= created_at"),),
    meaning_version=2,
)
