"""Asking PostgreSQL which rights the role lacks, as the statements that give them."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from daybook.contracts.model import SourceTable

# By column: a role may read what the contracts name, and nothing else. Only tables have a ctid, which splits them.
_LACKING = """
SELECT format('GRANT USAGE ON SCHEMA %%I TO %%I', nspname, current_user) FROM pg_namespace
WHERE nspname = %(schema)s AND NOT has_schema_privilege(oid, 'USAGE')
UNION ALL
SELECT format('GRANT SELECT (%%s) ON %%I.%%I TO %%I', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
              n.nspname, c.relname, current_user)
FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid JOIN pg_attribute a ON a.attrelid = c.oid
JOIN unnest(%(tables)s, %(columns)s) AS wanted (name, attribute) ON wanted.name = c.relname
WHERE n.nspname = %(schema)s AND a.attname = wanted.attribute AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')
GROUP BY n.nspname, c.relname"""


def lacking(connection: Connection, schema: str, tables: Sequence[SourceTable]) -> str | None:
    """The statements that give the role what it lacks to read the tables; None if it lacks nothing there."""
    wanted = [(table.name, column) for table in tables for column in ("ctid", *table.column_names)]
    names, columns = map(list, zip(*wanted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_LACKING, {"schema": schema, "tables": names, "columns": columns})
        return "; ".join(statement for (statement,) in cursor.fetchall()) or None
