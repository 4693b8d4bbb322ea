"""Contract of `global_user_activity_per_day`."""

from daybook.contracts.gold_model import GoldColumn, GoldTable, Sum

GLOBAL_USER_ACTIVITY_PER_DAY = GoldTable(
    name="global_user_activity_per_day",
    grain="One row per user and UTC day with at least one event, message or purchase on that day.",
    columns=(
        GoldColumn("user_id", "uuid", "The user."),
        GoldColumn("date", "date", "The UTC day."),
        GoldColumn("total_nbr_connexion", "int", "Visits that begin on the day."),
        GoldColumn("total_spend_time", "duration", "Counted time inside the day."),
        GoldColumn("total_message_send_this_day", "int", "Messages written on the day."),
        GoldColumn("total_money_spend", "money", "Purchases of the day in the reporting currency, to the cent."),
    ),
    # Whether a gap into the day counts is decided by two instants before it, each up to a day earlier.
    # Of messages and purchases the day before says what is delivered again.
    reads={"user_session_events": (-2, -1, 0, 1), "group_messages": (-1, 0), "user_purchases": (-1, 0)},
    sums={
        "messages": Sum("sum(total_message_send_this_day)"),
        # A double holds cents exactly up to 15 digits; summed as decimals nothing is lost on the way.
        "money": Sum("sum(CAST(total_money_spend AS DECIMAL(38, 2)))"),
    },
    tallies=("purchases", "repeated_messages", "repeated_purchases"),
    never={
        "negative": "total_nbr_connexion < 0 OR total_spend_time < INTERVAL '0' SECOND OR total_money_spend < 0",
    },
    settings=("DAYBOOK_MAX_GAP_HOURS", "DAYBOOK_REPORTING_CURRENCY"),
    meaning_version=3,
)
