"""Contract of `global_notif_impact_per_day`."""

from daybook.contracts.gold_model import GoldColumn, GoldTable, Sum

GLOBAL_NOTIF_IMPACT_PER_DAY = GoldTable(
    name="global_notif_impact_per_day",
    grain="One row per sending of a notification (user_id, notification_id, notification_time) on the UTC day.",
    columns=(
        GoldColumn("user_id", "uuid", "The user notified."),
        GoldColumn(
            "content_notif",
            "string",
            "The text sent, in its latest version; of equal times that of the later silver day.",
            pii=True,
        ),
        GoldColumn("notif_date", "date", "The UTC day of sending."),
        GoldColumn("is_success", "boolean", "Whether the user reacted within the attribution window."),
        GoldColumn(
            "time_spend_after_success",
            "duration",
            "Counted time from the first success to the end of that success's UTC day; NULL without success.",
        ),
    ),
    # Nothing beyond these days may decide a figure, or it would depend on which days are made together.
    # States: five minutes before the first sending of the day, up to a day after the last. Each belongs to the last
    # sending before it, up to a day earlier: sendings of two days before up to the day after, each known from silver of
    # its own day or the next. Events: a success may be as late as the end of the next day and its time end at an event
    # after that; whether a gap into the day counts is decided by two instants before it, each up to a day earlier.
    reads={
        "user_notifications": (-2, -1, 0, 1, 2),
        "notification_states": (-1, 0, 1),
        "user_session_events": (-2, -1, 0, 1, 2),
    },
    rows_are="sendings",
    sums={"successes": Sum("count_if(is_success)", proven="never")},
    never={
        "impossible": "time_spend_after_success < INTERVAL '0' SECOND"
        " OR (time_spend_after_success IS NULL) = is_success",
    },
    settings=("DAYBOOK_MAX_GAP_HOURS", "DAYBOOK_ATTRIBUTION_HOURS", "DAYBOOK_SUCCESS_STATES"),
    meaning_version=4,
)
