"""The queries sent to PostgreSQL. Columns become text here: bronze is text, and no type mapping is in the way."""

from collections.abc import Sequence
from datetime import date

from psycopg2 import sql

from daybook import days
from daybook.contracts.model import SourceTable
from daybook.days.of_days import mark

EXPORT = """
SELECT pg_export_snapshot(),
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text,
       transaction_timestamp()"""

# A domain counts as the type it is made of at last, an enum as text. Of a type outside pg_catalog, format_type gives
# the schema too unless it is on the search path.
COLUMNS = """
WITH RECURSIVE columns (number, name, type) AS (
    SELECT attnum, attname, atttypid FROM pg_attribute
    WHERE attrelid = to_regclass(quote_ident(%s) || '.' || quote_ident(%s)) AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT c.number, c.name, t.typbasetype FROM columns c JOIN pg_type t ON t.oid = c.type WHERE t.typtype = 'd'
)
SELECT c.name, CASE WHEN t.typtype = 'e' THEN 'text' WHEN t.typname = 'citext' THEN 'citext'
                    ELSE format_type(t.oid, NULL) END
FROM columns c JOIN pg_type t ON t.oid = c.type
WHERE t.typtype <> 'd'
ORDER BY c.number"""

# Block ranges need a plain table (or materialized view) and TID range scans, which came with version 14.
BLOCKS = """
SELECT pg_relation_size(oid) / current_setting('block_size')::bigint
FROM pg_class
WHERE oid = to_regclass(quote_ident(%s) || '.' || quote_ident(%s)) AND relkind IN ('r', 'm')
  AND current_setting('server_version_num')::int >= 140000"""

_TEXTS = ("text", "character varying", "character", "citext")
_WHOLES = ("smallint", "integer", "bigint")
TIMES = ("timestamp with time zone", "timestamp without time zone")
ACCEPTED = {
    "uuid": ("uuid", *_TEXTS, *_WHOLES),
    "string": _TEXTS,
    "timestamp": (*TIMES, "date", *_TEXTS, *_WHOLES),
    "decimal(18,6)": ("numeric", "double precision", "money", *_TEXTS),
}


# As long somebody may wait for this run, and this run for somebody.
PATIENCE_SECONDS = 30
# What every session says for itself, because a role may prefer something else. Without row security the server refuses
# what a policy would hide; a session idles while Spark works on what it fetched.
_SESSION = {
    "row_security": "off",
    "lock_timeout": f"{PATIENCE_SECONDS}s",
    "idle_in_transaction_session_timeout": "0",
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "extra_float_digits": "3",
    "quote_all_identifiers": "off",  # the server names types, and would quote their names
}
# What a connection that runs no such statement is told as it begins.
OPTIONS = rf"-c lock_timeout={PATIENCE_SECONDS}s -c default_transaction_isolation=read\ committed"


def session_settings(local: bool) -> str:
    """What a session sets first; `local` to its transaction. Servers before 17 do not know the last one."""
    each = [f"SET {'LOCAL' if local else 'SESSION'} {name} = '{value}'" for name, value in _SESSION.items()]
    known = f"SELECT set_config(name, '0', {local}) FROM pg_settings WHERE name = 'transaction_timeout'"
    return "; ".join([*each, known])


def join_snapshot(snapshot: str, mark: str) -> str:
    """What every partition's connection runs first, to see what the exporter sees, and to be known by its `mark`."""
    return (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; "
        f"SET TRANSACTION SNAPSHOT '{snapshot}'; {session_settings(local=True)}; {mark}"
    )


def select(schema: str, table: SourceTable, types: dict[str, str], of: Sequence[date], by_block: bool) -> sql.Composed:
    """The projected columns of the table-days as text; with `ctid` when partitions go by block range.

    A row stands for each of its days, with the column that `mark` gives.
    """
    columns: list[sql.Composable] = [
        sql.SQL("{} AS {}").format(_as_text(n, types[n]), sql.Identifier(n)) for n in table.column_names
    ]
    if by_block:
        columns.append(sql.Identifier(schema, table.name, "ctid"))  # beside a JOIN it has no name of its own
    source: sql.Composable = sql.Identifier(schema, table.name)
    for day in mark(of):
        columns.append(sql.SQL("days.{}").format(sql.Identifier(day)))
        source = sql.SQL("{} JOIN {}").format(source, _days(table, types, of, day))
    return sql.SQL("SELECT {} FROM {} WHERE {}").format(
        sql.SQL(", ").join(columns), source, _within(table, types, of[0], of[-1])
    )


def count(schema: str, table: SourceTable, types: dict[str, str], day: date) -> sql.Composed:
    """Rows of the table-day, bytes of the longest one's texts, rows of no day by kind as JSON (NULL if there is none).

    As two queries in one, so that an index on the time column serves both. A length is known without reading the text.
    """
    relation = sql.Identifier(schema, table.name)
    texts = [sql.Identifier(name) for name in table.column_names if types[name] in _TEXTS]
    lengths = [sql.SQL("coalesce(octet_length({}::text), 0)::bigint").format(text) for text in texts]
    longest = sql.SQL("coalesce(max({}), 0)").format(sql.SQL(" + ").join(lengths)) if texts else sql.SQL("0")
    outside = _outside(table, types, relation) if table.window else sql.SQL("NULL")
    return sql.SQL("SELECT count(*), {}, {} FROM {} WHERE {}").format(
        longest, outside, relation, _within(table, types, day, day)
    )


# What a row of no day has for a time. Comparing with `first` and `last`, the bounds of all days, finds it by an index.
TIMELESS = "NULL"
_OUTSIDE = f"""
(SELECT json_object_agg(kind, rows) FROM (
    SELECT CASE WHEN {{column}} IS NULL THEN '{TIMELESS}'
                WHEN {{column}} IN ('-infinity', 'infinity') THEN {{column}}::text
                WHEN {{column}} < '0001-01-01' THEN 'BC'
                WHEN {{column}} < {{first}} THEN 'before {days.FIRST.year}'
                ELSE 'from {days.LAST.year + 1}' END AS kind, count(*) AS rows
    FROM {{relation}} WHERE {{column}} IS NULL OR {{column}} < {{first}} OR {{column}} >= {{last}}
    GROUP BY 1) AS outside)"""


def _outside(table: SourceTable, types: dict[str, str], relation: sql.Composable) -> sql.Composable:
    """How many rows lie on no day that can be asked for, by kind."""
    assert table.window
    first, last = _bounds(table, types, days.FIRST, days.LAST)
    column = sql.Identifier(table.window.column)
    return sql.SQL(_OUTSIDE).format(column=column, first=first, last=last, relation=relation)


def block_ranges(blocks: int | None, parts: int) -> list[str]:
    """Predicates that read every block once; the last range is open, for blocks added meanwhile."""
    if not blocks:
        return ["true"]
    step = -(-blocks // min(parts, blocks))
    starts = range(0, blocks, step)
    return [
        f"ctid >= '({start},0)'::tid" + (f" AND ctid < '({start + step},0)'::tid" if start + step < blocks else "")
        for start in starts
    ]


def _as_text(name: str, type_: str) -> sql.Composable:
    column = sql.Identifier(name)
    if type_ == "money":  # as text it would bear the signs and separators of the server's lc_monetary
        return sql.SQL("{}::numeric::text").format(column)
    if type_ not in TIMES:
        return sql.SQL("{}::text").format(column)
    in_utc = sql.SQL(" AT TIME ZONE 'UTC'" if type_ == TIMES[0] else "")
    # to_char loses infinity, BC and years beyond 9999: those keep PostgreSQL's own text and fail typing in silver.
    return sql.SQL(
        "CASE WHEN {0} BETWEEN '0001-01-01 00:00:00' AND '9999-12-31 23:59:59.999999' "
        """THEN to_char({0}{1}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE {0}::text END"""
    ).format(column, in_utc)


def _within(table: SourceTable, types: dict[str, str], first: date, last: date) -> sql.Composable:
    if table.window is None:
        return sql.SQL("true")
    begin, end = _bounds(table, types, first, last)
    return sql.SQL("{0} >= {1} AND {0} < {2}").format(sql.Identifier(table.window.column), begin, end)


def _days(table: SourceTable, types: dict[str, str], of: Sequence[date], day: str) -> sql.Composable:
    """The days, each joined to the rows in its window; `day` is the column that holds them."""
    assert table.window
    each = (sql.SQL("({}, {}, {})").format(sql.Literal(str(d)), *_bounds(table, types, d, d)) for d in of)
    return sql.SQL("(VALUES {0}) AS days ({1}, begins, ends) ON {2} >= days.begins AND {2} < days.ends").format(
        sql.SQL(", ").join(each), sql.Identifier(day), sql.Identifier(table.window.column)
    )


def _bounds(table: SourceTable, types: dict[str, str], first: date, last: date) -> tuple[sql.Composable, ...]:
    """The first instant of the days' windows and the first one after them, in the type of the column."""
    assert table.window
    type_ = types[table.window.column]
    bounds = days.begins(days.shifted(first, -table.window.days_back)), days.ends(last)
    texts = (sql.Literal(days.sql(bound, zoned=type_ == TIMES[0])) for bound in bounds)
    return tuple(sql.SQL("{}::{}").format(text, sql.SQL(type_)) for text in texts)
