"""Gold in DuckDB's SQL, for `str.format`: what is in braces, `duckdb_gold` fills in."""

_STARTS = "('START', 'LOGIN', 'CONNECT', 'SESSION_START')"
_ENDS = "('END', 'LOGOUT', 'DISCONNECT', 'SESSION_END')"

GAPS = f"""
WITH instants AS (
    SELECT user_id, session_id, event_time, count_if(event_type IN {_STARTS}) AS starts,
           bool_or(event_type IN {_ENDS}) AS has_end,
           bool_or(event_type NOT IN {_STARTS} AND event_type NOT IN {_ENDS}) AS has_activity
    FROM user_session_events GROUP BY ALL),
looked AS (
    SELECT *, coalesce(event_time - lag(event_time) OVER w <= {{max_gap}}, false) AS follows,
           follows AND lag(starts > 0 OR has_activity, 1, false) OVER w AS is_open
    FROM instants WINDOW w AS (PARTITION BY user_id, session_id ORDER BY event_time)),
ordered AS (
    SELECT *, starts > 0 AND NOT (is_open AND (has_activity OR has_end)) AS starts_first,
           has_end AND NOT (is_open AND starts > 0) AS ends_last
    FROM looked)
SELECT user_id, session_id, event_time,
       follows AND NOT lag(ends_last, 1, false) OVER w AND NOT starts_first AS ends_gap,
       starts + (has_activity AND NOT ends_gap AND NOT starts_first)::INTEGER AS visits,
       CASE WHEN NOT ends_last AND NOT lead(starts_first) OVER w
                AND lead(event_time) OVER w - event_time <= {{max_gap}} THEN lead(event_time) OVER w END AS gap_end
FROM ordered WINDOW w AS (PARTITION BY user_id, session_id ORDER BY event_time)"""

ACTIVITY = """
SELECT user_id, {day} AS date, sum(visits)::INTEGER AS total_nbr_connexion,
       sum(spent)::BIGINT AS total_spend_time, sum(messages)::INTEGER AS total_message_send_this_day,
       round(sum(money), 2)::DOUBLE AS total_money_spend
FROM (SELECT user_id, sum(CASE WHEN event_time >= {first} THEN visits ELSE 0 END) AS visits,
             sum(CASE WHEN gap_end > {first} THEN epoch_us(least(gap_end, {end}))
                 - epoch_us(greatest(event_time, {first})) ELSE 0 END) AS spent,
             0 AS messages, 0::DECIMAL(38, 18) AS money
      FROM gaps WHERE event_time < {end} AND (event_time >= {first} OR gap_end > {first}) GROUP BY user_id
      UNION ALL SELECT user_id, 0, 0, 1, 0 FROM (FROM group_messages WHERE created_at >= {first})
      ANTI JOIN (FROM group_messages WHERE created_at < {first}) USING (group_id, message_id)
      UNION ALL SELECT user_id, 0, 0, 0, amount * {rate} FROM (FROM user_purchases WHERE purchase_time >= {first})
      ANTI JOIN (FROM user_purchases WHERE purchase_time < {first}) USING (user_id, purchase_id))
GROUP BY user_id"""

# Reactions name no sending: each belongs to the last one before it, or to the next within five minutes. Counted time
# after a moment is a running total from the end of its day back, over where counted time starts and ends.
IMPACT = """
WITH versions AS (
    SELECT user_id, notification_id, notification_time AS instant, notification_time AS sent_at,
           CASE WHEN state IN ({success}) THEN greatest(coalesce(modified_at, instant), instant) END AS success,
           (coalesce(modified_at, '-infinity'::TIMESTAMPTZ), content IS NOT NULL, content,
            state IS NOT NULL, state) AS version, content
    FROM user_notifications),
evidence AS (
    SELECT user_id, notification_id, instant, sent_at, success, version, content FROM versions
    UNION ALL
    SELECT user_id, notification_id, updated_at, NULL, NULL, NULL, NULL
    FROM notification_states WHERE status IN ({success})),
looked AS (
    SELECT *, last_value(sent_at IGNORE NULLS) OVER (w ROWS UNBOUNDED PRECEDING) AS last_sent,
           lead(sent_at IGNORE NULLS) OVER w AS next_sent
    FROM evidence WINDOW w AS (PARTITION BY user_id, notification_id ORDER BY instant, sent_at IS NULL)),
attributed AS (
    SELECT user_id, notification_id, version, content, sent_at AS own,
           coalesce(own, CASE WHEN instant < last_sent + {attribution} THEN last_sent
                              WHEN next_sent <= instant + INTERVAL 5 MINUTE THEN next_sent END) AS sent,
           CASE WHEN own IS NULL THEN greatest(instant, sent) ELSE success END AS moment
    FROM looked),
sendings AS (
    SELECT user_id, notification_id, sent, min(moment) AS moment,
           arg_max(struct_pack(text := content), version) FILTER (own IS NOT NULL) AS latest
    FROM attributed WHERE sent >= {first} AND sent < {end} GROUP BY ALL),
judged AS (
    SELECT user_id, latest.text AS content, CASE WHEN moment < sent + {attribution} THEN moment END AS success
    FROM sendings),
bounds AS (
    SELECT user_id, event_time AS instant, ends_gap::INTEGER - (gap_end IS NOT NULL)::INTEGER AS change FROM gaps),
crossing AS (
    SELECT user_id, date_trunc('day', event_time) + INTERVAL 1 DAY AS midnight FROM gaps WHERE gap_end >= midnight),
line AS (
    SELECT user_id, date_trunc('day', success) AS day, success AS instant, 0 AS change, content, true AS asked
    FROM judged WHERE success IS NOT NULL
    UNION ALL SELECT user_id, date_trunc('day', instant), instant, change, NULL, false FROM bounds WHERE change <> 0
    UNION ALL SELECT user_id, midnight - INTERVAL 1 DAY, midnight, 1, NULL, false FROM crossing
    UNION ALL SELECT user_id, midnight, midnight, -1, NULL, false FROM crossing),
summed AS (
    SELECT user_id, content, asked, epoch_us(instant) - epoch_us(day) AS into_day,
           sum(change) OVER w AS open, sum(change * (epoch_us(instant) - epoch_us(day))) OVER w AS weighted
    FROM line WHERE day >= {first} AND day < {last}
    WINDOW w AS (PARTITION BY user_id, day ORDER BY instant DESC ROWS UNBOUNDED PRECEDING))
SELECT user_id, content AS content_notif, {day} AS notif_date, true AS is_success,
       (weighted - open * into_day)::BIGINT AS time_spend_after_success
FROM summed WHERE asked
UNION ALL SELECT user_id, content, {day}, false, NULL FROM judged WHERE success IS NULL"""
