"""Where a setting and the data, or two days in the file, contradict each other: a part of `day_warnings`."""

from daybook.settings import YOUNGER
from daybook.warehouse import day_origins, history
from daybook.warehouse.schema import literal

_DAYS = 28  # looked back, the day among them
_ENOUGH_DAYS = 7  # before which a state that has not occurred is nothing unusual
_STATES = "DAYBOOK_SUCCESS_STATES"

# Named queries, of days that tell what they were made from:
# success_states: per day and state of the setting, its rows, those that look like it, and its rows in the last 28 days.
# changed_settings: per day and setting, since which day it has been in force; NULL: since the first day.
CTES = f"""
told_states AS (
    SELECT ds, table_name, unnest(map_entries(CAST(origin->'states' AS
        MAP(VARCHAR, STRUCT("rows" BIGINT, alike BIGINT))))) AS of
    FROM {day_origins.TABLE.name}
),
success_states AS (
    SELECT ds AS date, of.key AS state, of.value.alike AS alike, sum(of.value."rows") OVER month AS seen,
        count(*) OVER month AS days
    FROM told_states JOIN {history.TABLE.name} AS loads USING (ds, table_name)
    WHERE loads.is_current AND loads."rows" > 0
    WINDOW month AS (
        PARTITION BY of.key ORDER BY ds RANGE BETWEEN INTERVAL {_DAYS - 1} DAYS PRECEDING AND CURRENT ROW
    )
),
all_states AS (
    SELECT date, max(seen) AS seen, string_agg(state, ', ' ORDER BY state) AS states FROM success_states GROUP BY date
),
made_under AS (
    SELECT ds AS date, unnest([origin->'own'->'settings'] || json_extract(origin, '$.inputs.*.settings')) AS settings
    FROM {day_origins.TABLE.name} WHERE (origin->'own') IS NOT NULL
),
told_settings AS (
    SELECT DISTINCT date, unnest(map_entries(CAST(settings AS MAP(VARCHAR, VARCHAR)))) AS of FROM made_under
),
all_settings AS (
    SELECT date, of.key AS setting, list(of.value ORDER BY of.value) AS held FROM told_settings GROUP BY ALL
    UNION ALL
    SELECT date, setting, [] FROM (SELECT DISTINCT date FROM made_under)
    CROSS JOIN (SELECT unnest([{", ".join(map(literal, YOUNGER))}]) AS setting)
    ANTI JOIN (SELECT date, of.key AS setting FROM told_settings) AS there USING (date, setting)
),
compared_settings AS (
    SELECT *, held <> lag(held) OVER (PARTITION BY setting ORDER BY date) AS is_changed FROM all_settings
),
changed_settings AS (
    SELECT date, setting, max(date) FILTER (is_changed) OVER (PARTITION BY setting ORDER BY date) AS since
    FROM compared_settings
)"""

WARNINGS = f"""
SELECT date, 'states', NULL, NULL, 0, NULL,
    format('no row of {_DAYS} days has one of {_STATES} ({{}}): look at the states in the sources', states)
FROM all_states WHERE seen = 0
UNION ALL
SELECT date, 'states', NULL, state, 0, NULL,
    format('no row of {_DAYS} days has the state {{}} of {_STATES}', state)
FROM success_states JOIN all_states USING (date)
WHERE days >= {_ENOUGH_DAYS} AND success_states.seen = 0 AND all_states.seen > 0
UNION ALL
SELECT date, 'alike_states', NULL, state, alike, 0,
    format('{{}} rows have a state that looks like {{}} and is none of {_STATES}', alike, state)
FROM success_states WHERE alike > 0
UNION ALL
SELECT date, 'settings', NULL, setting, date - since, NULL,
    format('{{}} is another than before {{}}: figures from before and after do not compare', setting, since)
FROM changed_settings WHERE date - since < {_DAYS}"""
