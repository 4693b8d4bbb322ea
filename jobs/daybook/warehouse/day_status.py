"""`day_status`: may a day be used? A view, so that it can say nothing else than the file it is in."""

from collections.abc import Iterable, Iterator, Sequence

from daybook.contracts.gold_model import GoldTable
from daybook.warehouse import day_origins, file_settings, history
from daybook.warehouse.own_table import OwnView
from daybook.warehouse.schema import literal

NAME = "day_status"
_COMMENT = (
    "One row per gold table and UTC day in the file: may it be used, and until when may it change? And one per table "
    "of figures and day that the file lacks between its first day and its newest: see is_loaded."
)
_COLUMNS = (
    ("table_name", "The gold table."),
    ("date", "The UTC day."),
    ("is_loaded", "Whether the file has the table of the day; false: it has the day's other table, or days around it."),
    ("is_complete", "Whether each day read had ended when it was extracted; NULL: not known."),
    (
        "is_final",
        "true: no run of another day changes it, only a refresh may. false: a later day's run is still to come, or a "
        "day was read before it had ended. NULL: an earlier day was never there, or this table is not loaded; nobody "
        "knows whether it will be. It is said of one table: a day is whole if all tables of figures are loaded.",
    ),
    ("final_after", "After the run for this day, and for each day in waiting_for, it is final."),
    (
        "waiting_for",
        "The days that were not there, or had not ended, when it was made, though it reads them; itself, if not "
        "is_loaded.",
    ),
    ("version", "The number of gold's publication; it begins at 1 again where gold was deleted. NULL: not is_loaded."),
    ("restated_at", "When it was last published again; NULL: never."),
    ("loaded_at", "When it was loaded; NULL: not is_loaded."),
    ("rejected_share", "Share of the day's rows of the source tables it reads that were rejected; NULL: no ledger."),
    ("has_ledger", "Whether the day's rows are in source_ledger_per_day; gold of an older Daybook has no ledgers."),
)


def statements(tables: Sequence[GoldTable]) -> Iterator[str]:
    """What makes the view, with its words."""
    yield from OwnView(NAME, _COMMENT, _COLUMNS, _select(tables)).statements()


def _select(tables: Sequence[GoldTable]) -> str:
    figures = ", ".join(literal(table.name) for table in tables if not table.is_ledger)
    last = _values((table.name, table.days_after) for table in tables)
    reads = _values((table.name, source) for table in tables if not table.is_ledger for source in table.reads)
    offsets = {(table.name, offset) for table in tables for read in table.reads.values() for offset in read}
    told, oldest = file_settings.value(file_settings.FIRST_DAY), f"(SELECT min(ds) FROM {day_origins.TABLE.name})"
    # Days that are there were not before the first: whoever says so is told, and nothing is final by it.
    first_day = f"CASE WHEN {told} IS NOT NULL THEN least({told}::DATE, {oldest}) END"
    return f"""
WITH last (table_name, days_after) AS ({last}),
reads (table_name, source_table) AS ({reads}),
around (table_name, days_off) AS ({_values(sorted(offsets))}),
unended AS (SELECT DISTINCT date AS day FROM source_ledger_per_day WHERE NOT is_complete),
missing AS (
    SELECT table_name, ds, unnest(absent) AS day FROM {day_origins.TABLE.name}
    UNION
    SELECT table_name, ds, day
    FROM {day_origins.TABLE.name} JOIN around USING (table_name) JOIN unended ON day = ds + days_off
    WHERE NOT is_complete
),
waiting AS (
    SELECT table_name, ds, list(day ORDER BY day) AS days, max(day) AS latest
    FROM missing WHERE day >= coalesce({first_day}, day) GROUP BY ALL
),
newest AS (SELECT table_name, max(ds) AS day FROM {day_origins.TABLE.name} GROUP BY ALL),
span AS (
    SELECT min(ds) AS first, max(ds) - min(ds) AS more FROM {day_origins.TABLE.name} WHERE table_name IN ({figures})
),
days AS (SELECT first + unnest(range(more + 1))::INTEGER AS day FROM span),
hole AS (
    SELECT last.table_name, day FROM last CROSS JOIN days
    WHERE last.table_name IN ({figures})
        AND NOT exists(FROM {day_origins.TABLE.name} WHERE ds = day AND table_name = last.table_name)
),
loaded AS (
    SELECT table_name, ds, count(DISTINCT manifest_etag) AS publications FROM {history.TABLE.name} GROUP BY ALL
),
refused AS (
    SELECT reads.table_name, date, coalesce(sum(rejected_rows) / nullif(sum(bronze_rows), 0), 0) AS share
    FROM reads JOIN source_ledger_per_day USING (source_table) GROUP BY ALL
)
SELECT
    made.table_name,
    made.ds AS date,
    true AS is_loaded,
    made.is_complete,
    CASE
        WHEN NOT made.is_complete OR waiting.latest > newest.day THEN false
        WHEN made.is_complete AND waiting.latest IS NULL THEN true
    END AS is_final,
    made.ds + last.days_after AS final_after,
    coalesce(waiting.days, []::DATE[]) AS waiting_for,
    made.version,
    CASE WHEN made.version > 1 OR loaded.publications > 1 THEN made.published_at END AS restated_at,
    made.loaded_at,
    refused.share AS rejected_share,
    exists(FROM source_ledger_per_day AS ledger WHERE ledger.date = made.ds) AS has_ledger
FROM {day_origins.TABLE.name} AS made
JOIN last USING (table_name)
JOIN newest USING (table_name)
LEFT JOIN loaded ON loaded.table_name = made.table_name AND loaded.ds = made.ds
LEFT JOIN waiting ON waiting.table_name = made.table_name AND waiting.ds = made.ds
LEFT JOIN refused ON refused.table_name = made.table_name AND refused.date = made.ds
UNION ALL
SELECT
    hole.table_name, hole.day, false, NULL, NULL, hole.day + last.days_after, [hole.day], NULL, NULL, NULL, NULL,
    exists(FROM source_ledger_per_day AS ledger WHERE ledger.date = hole.day)
FROM hole JOIN last USING (table_name)
"""


def _values(rows: Iterable[tuple[str, object]]) -> str:
    return f"VALUES {', '.join(f'({literal(first)}, {_literal(second)})' for first, second in rows)}"


def _literal(value: object) -> str:
    return literal(value) if isinstance(value, str) else str(value)
