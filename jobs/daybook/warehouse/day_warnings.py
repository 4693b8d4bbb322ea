"""`day_warnings`: what is out of the ordinary on a day, by the ledgers in the file. A view, like `day_status`."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from daybook import commands
from daybook.contracts.model import DATE_ORDER
from daybook.errors import DataError
from daybook.log import log
from daybook.settings import LIMITS
from daybook.warehouse import day_origins, engine, file_settings, setting_warnings
from daybook.warehouse.own_table import OwnView

Odd = Mapping[date, Sequence[str]]  # days out of the ordinary, each with the warnings

_DAYS = 28  # looked back
# Some rows are delivered twice by any source that delivers at least once: more of a table's rows than this are told.
_REPEATED_ROWS, _REPEATED_OF = 5, 1000
_ENOUGH_DAYS, _ENOUGH_WEEKDAYS = 7, 2  # before which nothing is usual
_KIND = "limit_name, source_table, reason"
_RECURRING = ["refused", "date_order", "states", "alike_states", "settings"]  # what may be so day by day


def _limit(name: str) -> str:
    return f"coalesce({file_settings.value(name)}::BIGINT, {LIMITS[name]})"


_SELECT = f"""
WITH ledger AS (
    SELECT date, source_table, silver_rows AS clean, rejected_rows AS refused,
        CASE WHEN silver_rows IS NOT NULL THEN coalesce(rejected_rows / nullif(bronze_rows, 0), 0) END AS share
    FROM source_ledger_per_day
),
compared AS (
    SELECT *, count(*) OVER before AS days, median(share) OVER before AS usual_share, min(clean) OVER before AS fewest,
        count(*) OVER same_weekday AS weekdays, median(clean) OVER same_weekday AS usual_rows
    FROM ledger
    WINDOW before AS (
        PARTITION BY source_table ORDER BY date
        RANGE BETWEEN INTERVAL {_DAYS} DAYS PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW
    ), same_weekday AS (
        PARTITION BY source_table, dayofweek(date) ORDER BY date
        RANGE BETWEEN INTERVAL {_DAYS} DAYS PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW
    )
),
reasons AS (
    SELECT *, date - lag(date) OVER (PARTITION BY source_table, reason ORDER BY date) AS days_since
    FROM rejected_rows_per_day
),
repeated AS (
    SELECT ds AS date, source_table, CAST(origin->'tallies'->>tally AS BIGINT) AS rows
    FROM {day_origins.TABLE.name}, (VALUES ('group_messages', 'repeated_messages'),
        ('user_purchases', 'repeated_purchases')) AS told (source_table, tally)
),
rates AS (
    SELECT ds AS date, max(ds - list_max(map_values(CAST(origin->'valid_from' AS MAP(VARCHAR, DATE))))) AS age
    FROM {day_origins.TABLE.name} GROUP BY ds
),{setting_warnings.CTES}
SELECT date, 'refused' AS limit_name, source_table, NULL::VARCHAR AS reason, coalesce(bronze_rows, 0) AS value,
    0 AS usual, concat(source_table, ': silver has none of the rows read (', bronze_rows, '); no figure needs them')
        AS warning
FROM source_ledger_per_day WHERE silver_rows IS NULL
UNION ALL
SELECT date, 'rejected', source_table, NULL, share, usual_share,
    format('{{}}: {{:.1f}} % of the rows were rejected, usual are {{:.1f}} %', source_table, 100 * share,
        100 * usual_share)
FROM compared
WHERE days >= {_ENOUGH_DAYS} AND refused >= {_limit("limit_rejected_rows")}
    AND share > {_limit("limit_rejected_factor")} * usual_share
UNION ALL
SELECT date, 'reason', source_table, reason, rejected_rows, 0,
    format('{{}}: {{}} rows rejected for {{}}, not seen for {_DAYS} days', source_table, rejected_rows, reason)
FROM reasons JOIN compared USING (date, source_table)
WHERE days >= {_ENOUGH_DAYS} AND coalesce(days_since > {_DAYS}, true) AND NOT ends_with(reason, '{DATE_ORDER}')
UNION ALL
SELECT date, 'date_order', source_table, reason, rejected_rows, 0, format(
    '{{}}: {{}} rows rejected, whose {{}} is a date in the other order of day and month (DAYBOOK_DATE_ORDER): others '
    'of the day may have been read with the two exchanged', source_table, rejected_rows, split_part(reason, ':', 1))
FROM rejected_rows_per_day WHERE ends_with(reason, '{DATE_ORDER}')
UNION ALL
SELECT date, 'rows', source_table, NULL, clean, coalesce(usual_rows, fewest),
    CASE WHEN clean = 0 AND fewest > 0 THEN format('{{}}: not a row, and no day before was without', source_table)
    ELSE format('{{}}: {{}} rows, usual on this weekday are {{}}', source_table, clean, usual_rows::BIGINT) END
FROM compared
WHERE days >= {_ENOUGH_DAYS} AND clean = 0 AND fewest > 0
    OR weekdays >= {_ENOUGH_WEEKDAYS} AND (clean * {_limit("limit_rows_factor")} < usual_rows
        OR clean > {_limit("limit_rows_factor")} * usual_rows)
UNION ALL
SELECT date, 'repeated', source_table, NULL, rows, 0,
    format('{{}}: {{}} rows have keys of the day before and are not counted again', source_table, rows)
FROM repeated JOIN ledger USING (date, source_table)
WHERE rows >= {_REPEATED_ROWS} AND rows * {_REPEATED_OF} > clean
UNION ALL
SELECT date, 'rates', NULL, NULL, age, {_limit("limit_rate_days")},
    format('exchange rates: the newest is {{}} days old', age)
FROM rates WHERE age > {_limit("limit_rate_days")}
UNION ALL{setting_warnings.WARNINGS}
"""
VIEW = OwnView(
    "day_warnings",
    "One row per thing out of the ordinary on a UTC day: it may be right, and somebody should have looked.",
    (
        ("date", "The UTC day."),
        (
            "limit_name",
            "refused: silver has none of a table that feeds no figure; rejected: the share of rejected rows; reason: a "
            "new one; date_order: dates in the other order of day and month; rows: so many or few; repeated: rows of "
            "the day before, delivered again; rates: old; states: a success state that does not occur; alike_states: "
            "states that look like one; settings: another setting than days before.",
        ),
        ("source_table", "The source table; NULL where it is of none."),
        ("reason", "The reason of rejection; of states and settings the state and the setting; else NULL."),
        ("value", "What it is: a share, rows, or days: since the newest rate, or since the setting is another."),
        ("usual", f"The median of the {_DAYS} days before, for rows of the same weekdays; 0 of what should not be."),
        ("warning", "The same in words."),
    ),
    _SELECT,
)


class Warnings(NamedTuple):
    """Warnings by day, the earliest first: all of them, and those that a day may be stopped for."""

    every: Odd
    new: Odd


def found(file: Path, days: Collection[date], live: Path | None = None) -> Warnings:
    """What is out of the ordinary on these days of a warehouse file, the successor of `live`.

    Somebody has looked at what the live file says of the same day. What recurs day by day is new on the first day
    alone: not on a day whose day before has it in the live file, or came along in this very load.
    """
    with engine.explaining(f"warehouse {file.name}"), closing(engine.reader(file)) as db:
        loaded = [day for (day,) in db.execute("SELECT DISTINCT date FROM source_ledger_per_day ORDER BY 1").fetchall()]
        rows = db.execute(f"SELECT date, warning, {_KIND} FROM {VIEW.name} ORDER BY ALL").fetchall()
    looked_at = _looked_at(live)
    known = looked_at | {(day, *kind) for day, _, *kind in rows if day in days}
    day_before = dict(zip(loaded[1:], loaded, strict=False))
    every: dict[date, list[str]] = {}
    new: dict[date, list[str]] = {}
    for day, warning, limit, *kind in rows:
        if day in days:
            every.setdefault(day, []).append(warning)
            recurs = limit in _RECURRING and (day_before.get(day), limit, *kind) in known
            if not recurs and (day, limit, *kind) not in looked_at:
                new.setdefault(day, []).append(warning)
    return Warnings(every, new)


def _looked_at(live: Path | None) -> set[tuple[Any, ...]]:
    """Day and kind of each warning of a file; of an older Daybook's, which has no such view, none."""
    if live is None:
        return set()
    with engine.explaining(f"warehouse {live.name}"), closing(engine.reader(live)) as db:
        try:
            return {*db.execute(f"SELECT date, {_KIND} FROM {VIEW.name}").fetchall()}
        except duckdb.CatalogException:
            return set()


def tell(warnings: Odd) -> None:
    """Say what is out of the ordinary on the days of the file."""
    for day, lines in warnings.items():
        for line in lines:
            log.warning("%s  %s", day, line)


def tell_left_out(odd: Odd) -> None:
    """Say which days were not asked for and did not come along, each in a line."""
    for day, lines in odd.items():
        why = "; ".join(lines)
        log.warning("%s is out of the ordinary, and left out: %s -- next: %s", day, why, _look([day]))


def stop(odd: Odd) -> None:
    """End a load because of days that were asked for.

    Raises:
        DataError: there is such a day.
    """
    if odd:
        tell(odd)
        lines = [line for lines in odd.values() for line in lines]
        others = f", and {len(lines) - 1} more above" if len(lines) > 1 else ""
        names = f"{' and '.join(map(str, odd))} {'is' if len(odd) == 1 else 'are'}"
        raise DataError(f"{names} out of the ordinary, and not loaded: {lines[0]}{others}", then=_look(list(odd)))


def _look(days: Sequence[date]) -> str:
    return f"look, and if it is right: {commands.load_anyway(days[0], days[-1])}"
