"""What the warehouse file holds, said in DuckDB's SQL: derived from the contracts, never typed in twice.

Identifiers come from the contracts only and are quoted all the same; every value is a bound parameter, except
comments and paths, for which DuckDB takes none: those go through `literal`.
"""

from collections.abc import Iterator

from daybook.contracts.gold_model import GoldColumn, GoldTable


def name(identifier: str) -> str:
    """An identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def columns(table: GoldTable) -> str:
    """The columns in contract order, as a SELECT list."""
    return ", ".join(name(column.name) for column in table.columns)


def from_parquet(table: GoldTable) -> str:
    """The SELECT list that gives gold's Parquet columns their warehouse types."""
    return ", ".join(f"{typed(column)} AS {name(column.name)}" for column in table.columns)


def no_rows(table: GoldTable) -> str:
    """A SELECT with the table's columns and types, and nothing in it."""
    nulls = (f"CAST(NULL AS {column.type_in.duckdb}) AS {name(column.name)}" for column in table.columns)
    return f"SELECT {', '.join(nulls)} WHERE false"


def view(table: GoldTable) -> str:
    """The view's SELECT: all columns, then durations again in seconds: DuckDB cannot SUM an INTERVAL."""
    seconds = (f", epoch({name(c.name)}) AS {name(c.name + '_seconds')}" for c in _durations(table))
    return f"SELECT {columns(table)}{''.join(seconds)} FROM {name(table.name)}"


def comments(table: GoldTable) -> Iterator[str]:
    """The statements that write the contract's words onto the table and its view."""
    yield f"COMMENT ON TABLE {name(table.name)} IS {literal(table.grain)}"
    added = f"{table.name} with each duration also in seconds, which can be summed. {table.grain}"
    yield f"COMMENT ON VIEW {name(table.view)} IS {literal(added)}"
    for column in table.columns:
        for relation in (table.name, table.view):
            yield _column_comment(relation, column.name, column.description)
    for column in _durations(table):
        yield _column_comment(table.view, f"{column.name}_seconds", f"In seconds: {column.description}")


def _column_comment(relation: str, column: str, text: str) -> str:
    return f"COMMENT ON COLUMN {name(relation)}.{name(column)} IS {literal(text)}"


def _durations(table: GoldTable) -> list[GoldColumn]:
    return [column for column in table.columns if column.type == "duration"]


def typed(column: GoldColumn) -> str:
    """What gives a column of gold's Parquet its warehouse type."""
    if column.type == "duration":
        # There is no cast from BIGINT to INTERVAL.
        return f"to_microseconds({name(column.name)})"
    return f"CAST({name(column.name)} AS {column.type_in.duckdb})"
