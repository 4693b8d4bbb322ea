"""Contract of `groups_users_user`."""

from daybook.contracts.model import Column, SourceTable

GROUPS_USERS_USER = SourceTable(
    name="groups_users_user",
    source="postgres",
    grain="One row per group and member, as of the extraction.",
    columns=(
        Column("groups_id", "uuid", "The group.", required=True, id_kind="group"),
        Column("users_id", "uuid", "The member.", required=True, id_kind="user"),
    ),
    key=("groups_id", "users_id"),
    meaning_version=2,
)
