"""Contract of `global_notif_impact_per_day`."""

from daybook.contracts.gold_model import GoldColumn, GoldTable

_AROUND = (-1, 0, 1, 2)

GLOBAL_NOTIF_IMPACT_PER_DAY = GoldTable(
    name="global_notif_impact_per_day",
    grain="One row per notification (user_id, notification_id) sent on the UTC day.",
    columns=(
        GoldColumn("user_id", "uuid", "The user notified."),
        GoldColumn("content_notif", "string", "The text sent, in its latest version.", pii=True),
        GoldColumn("notif_date", "date", "The UTC day of sending."),
        GoldColumn("is_success", "boolean", "Whether the user reacted within the attribution window."),
        GoldColumn(
            "time_spend_after_success",
            "duration",
            "Counted time from the first success to the end of that success's UTC day; NULL without success.",
        ),
    ),
    reads={"user_notifications": _AROUND, "notification_states": _AROUND, "user_session_events": _AROUND},
    settings=("DAYBOOK_MAX_GAP_HOURS", "DAYBOOK_ATTRIBUTION_HOURS", "DAYBOOK_SUCCESS_STATES"),
)
