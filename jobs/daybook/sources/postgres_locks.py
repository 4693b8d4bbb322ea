"""The queries that lock PostgreSQL's tables, tell who else locks them, and find and end the sessions of a run."""

from collections.abc import Sequence

from psycopg2 import sql

from daybook.contracts.model import SourceTable

# The first key of the advisory lock by which the sessions of a run know each other ("dayb"); the second is the
# process id of the holder. It is tried for, never waited for, and locks nobody out.
_MARK = 0x64617962

# What makes two looks at the tables the same look: each relation below a table's name, down through views, partitions
# and heirs. A materialized view holds its own rows; a view that a function reads is not seen from here.
_BELOW = """
WITH RECURSIVE below (root, oid) AS (
    SELECT name, to_regclass(quote_ident(%(schema)s) || '.' || quote_ident(name))::oid FROM unnest(%(tables)s) AS name
    UNION
    SELECT b.root, next.oid
    FROM below b JOIN pg_class c ON c.oid = b.oid CROSS JOIN LATERAL (
        SELECT inhrelid FROM pg_inherits WHERE inhparent = c.oid
        UNION ALL
        SELECT d.refobjid FROM pg_rewrite r
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        WHERE c.relkind = 'v' AND r.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid
    ) AS next (oid))"""

RELATIONS = f"""{_BELOW}
SELECT b.root, c.oid::bigint, c.relfilenode::bigint, c.relkind::text FROM below b JOIN pg_class c ON c.oid = b.oid"""

_HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"

# Only ACCESS EXCLUSIVE conflicts with reading. What all databases share has no database.
_WHO = f"""
SELECT l.pid, a.usename::text, a.application_name, l.relation::regclass::text, l.granted
FROM locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.mode = 'AccessExclusiveLock' AND l.database IN (0, {_HERE})"""

LOCKS_THEM = f"""{_BELOW}, locks AS (SELECT * FROM pg_locks WHERE locktype = 'relation')
{_WHO} AND l.relation IN (
    SELECT oid FROM below UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM below))
ORDER BY l.granted DESC, l.pid LIMIT 1"""

_OURS = f"""
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = {_MARK} AND objid = pg_backend_pid()
  AND database = {_HERE}"""

# Who cannot go on because this run reads.
WAITS_FOR_US = f"""
WITH ours AS ({_OURS}), locks AS (SELECT * FROM pg_locks WHERE locktype = 'relation')
{_WHO} AND NOT l.granted AND (l.database, l.relation) IN (
    SELECT database, relation FROM locks WHERE granted AND pid IN (SELECT pid FROM ours))
ORDER BY l.pid"""

IS_OURS = f"SELECT pid FROM ({_OURS}) AS ours WHERE pid = %s"
END_OURS = f"SELECT pg_terminate_backend(pid) FROM ({_OURS}) AS ours WHERE pid <> pg_backend_pid()"

# What the session asking has locked in its transaction, but for the server's own tables.
LOCKED = """
SELECT l.relation::bigint, l.relation::regclass::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
  AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
ORDER BY 2"""


def mark(holder: int) -> str:
    """What each session of a run runs in its transaction, to be found by the one that holds the tables."""
    return f"SELECT pg_try_advisory_xact_lock_shared({_MARK}, {holder})"


def lock(schema: str, tables: Sequence[SourceTable]) -> sql.Composed:
    """Lock the tables for reading, with the rights on their columns alone, and everything below them.

    Without a condition no partition is left out. All waiting together stays below half of the time after which the
    server looks for deadlocks: a migration over several of the tables sees us gone before it looks.
    """
    each = sql.SQL("SELECT set_config('lock_timeout', greatest(least(setting::int, 1000) / 2 / {}, 1)::text, true) "
                   "FROM pg_settings WHERE name = 'deadlock_timeout'").format(sql.Literal(len(tables)))  # fmt: skip
    reads = [
        sql.SQL("SELECT {} FROM {} LIMIT 0").format(
            sql.SQL(", ").join(map(sql.Identifier, table.column_names)), sql.Identifier(schema, table.name)
        )
        for table in tables
    ]
    return sql.SQL("; ").join([each, *reads])
