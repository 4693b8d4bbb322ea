"""Contract of `user_purchases`."""

from daybook.contracts.model import Column, Rule, SourceTable, Window

USER_PURCHASES = SourceTable(
    name="user_purchases",
    source="cassandra",
    grain="One row per purchase made on the day.",
    columns=(
        Column("user_id", "uuid", "The buyer.", required=True, id_kind="user"),
        Column("purchase_time", "timestamp", "When it was bought.", required=True),
        Column("purchase_id", "uuid", "The purchase.", required=True, id_kind="purchase"),
        Column("product_type", "string", "Kind of product, as entered."),
        Column("amount", "decimal(18,6)", "Price paid, in `currency`, to six decimals.", required=True),
        Column("currency", "string", "ISO 4217 code, in upper case.", required=True, clean="code"),
    ),
    key=("user_id", "purchase_id"),
    latest_by="purchase_time",
    window=Window("purchase_time"),
    rules=(
        Rule("amount:negative", "amount >= 0"),
        Rule("amount:implausible", "amount * {rate} <= {amount_limit}"),
        Rule("currency:malformed", r"currency RLIKE '\\A[A-Z]{{3}}\\z'"),
        Rule("currency:no_rate", "array_contains({rated_currencies}, currency)"),
        Rule("currency:rate_too_old", "NOT array_contains({outdated_currencies}, currency)"),
    ),
    meaning_version=2,
)
