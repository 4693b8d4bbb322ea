"""How jobs run: the rates they use, when they read, how much at once, and what they say."""

from daybook.contracts.setting import Setting
from daybook.log import FORMATS

# Beside the settings that contracts name: these change figures by way of the rates, and of the longest gap.
MEANING_FILES = (
    Setting(
        "DAYBOOK_EXCHANGE_RATES",
        "The exchange rates: currency, base (the reporting currency), valid_from, rate. `make rates` writes the file.",
        "path", unset="the repository's `conf/exchange_rates.csv`",
    ),
    Setting(
        "DAYBOOK_MAX_GAP_MINUTES", "The longest gap that counts, in minutes. It wins over `DAYBOOK_MAX_GAP_HOURS`.",
        "whole", low=1, high=1440, unset="`DAYBOOK_MAX_GAP_HOURS`",
    ),
)  # fmt: skip
TIMING = (
    Setting(
        "DAYBOOK_SETTLE_MINUTES",
        "How many minutes after midnight (UTC) an extraction waits for late writes."
        " [A source must be that far](sources.md#when-a-day-is-complete), too.",
        "whole", "10", high=1440,
    ),
    Setting(
        "DAYBOOK_LOCK_WAIT_SECONDS",
        "For how many seconds an extraction waits for PostgreSQL tables that somebody keeps locked.",
        "whole", "600", high=86400,
    ),
)  # fmt: skip
PASSES = (
    Setting("DAYBOOK_PASS_DAYS", "The most days of a range that are made in one go.", "whole", "31", low=1, high=366),
    Setting(
        "DAYBOOK_PASS_MEGABYTES", "The most megabytes that they are made from, where those are known.", "whole", "512",
        low=1, high=1_000_000,
    ),
)  # fmt: skip
WATCHING = (
    Setting(
        "DAYBOOK_LOG", "The lines of the log: as text, or as JSON, an object each.", "choice", "text", choices=FORMATS
    ),
    Setting(
        "DAYBOOK_PAGE_DUE_HOURS",
        "By how many hours after a day's end (plus settling time) the next day's [page](page.md) must exist. Then the"
        " page warns that it is old.",
        "whole", "26", low=1, high=8760,
    ),
    Setting(
        "DAYBOOK_CPU_HOUR_PRICE", "The price of one core-hour. If it is set, the page shows what the night's run cost.",
        pattern="[0-9]{1,6}(?:\\.[0-9]{1,6})? [A-Z]{3}", like="a price such as '0.05 EUR'",
    ),
    Setting(
        "DAYBOOK_METRICS_FILE",
        "A file for Prometheus, which all jobs keep ([on call](on-call.md#records-of-runs)). Its folder must exist.",
        "path",
    ),
)  # fmt: skip
HISTORY = (
    Setting(
        "DAYBOOK_EVENT_LOG",
        "A folder or `s3a://…` for Spark's event log. `make history` shows it.",
        "path",
        unset="off",
        like="a path or s3a://bucket/prefix",
    ),
)
