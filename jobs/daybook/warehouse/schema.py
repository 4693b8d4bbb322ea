"""What the warehouse file holds, said in DuckDB's SQL: derived from the contracts, never typed in twice.

Identifiers come from the contracts only and are quoted all the same; every value is a bound parameter, except
comments and paths, for which DuckDB takes none: those go through `literal`.
"""

from collections.abc import Collection, Iterator

from daybook.contracts.gold_model import GoldColumn, GoldTable


def name(identifier: str) -> str:
    """An identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def from_parquet(table: GoldTable) -> str:
    """The SELECT list that gives gold's Parquet columns their warehouse types."""
    return ", ".join(f"{typed(column)} AS {name(column.name)}" for column in table.columns)


def no_rows(table: GoldTable) -> str:
    """A SELECT with the table's columns and types, and nothing in it."""
    nulls = (f"CAST(NULL AS {column.type_in.duckdb}) AS {name(column.name)}" for column in table.columns)
    return f"SELECT {', '.join(nulls)} WHERE false"


def create(table: GoldTable) -> str:
    """The statement that makes the table with nothing in it."""
    return f"CREATE TABLE {name(table.name)} AS {no_rows(table)}"


def kept(table: GoldTable, there: Collection[str]) -> str:
    """The SELECT list that takes rows over from a file which has these of the columns."""
    return ", ".join(
        name(c.name) if c.name in there else f"CAST(NULL AS {c.type_in.duckdb}) AS {name(c.name)}"
        for c in table.columns
    )


def statements(table: GoldTable) -> Iterator[str]:
    """What writes the contract's words onto a table, and makes the view of one that holds figures."""
    yield f"COMMENT ON TABLE {name(table.name)} IS {literal(table.grain)}"
    yield from (column_comment(table.name, column.name, column.description) for column in table.columns)
    if table.is_ledger:
        return
    yield f"CREATE VIEW {name(table.view)} AS {_view(table)}"
    added = f"{table.name} with what is final, and with what can be added up. {table.grain}"
    yield f"COMMENT ON VIEW {name(table.view)} IS {literal(added)}"
    for column in table.columns:
        yield column_comment(table.view, column.name, column.description)
        if column.again and column.type_in.again:
            yield column_comment(table.view, column.again, f"{column.type_in.again.words}: {column.description}")
    yield column_comment(table.view, "is_final", "Whether no run of another day changes it, as day_status says.")


def _view(table: GoldTable) -> str:
    """All columns, then again what cannot be added up as it is, then whether the day is final."""
    own = "".join(f"{name(column.name)}, " for column in table.columns)
    again = "".join(
        f"{column.type_in.again.sql.format(name(column.name))} AS {name(column.again)}, "
        for column in table.columns
        if column.again and column.type_in.again
    )
    status = f"(SELECT date AS of_day, is_final FROM day_status WHERE table_name = {literal(table.name)})"
    joined = f"LEFT JOIN {status} AS status ON status.of_day = {name(table.day_column)}"
    return f"SELECT {own}{again}status.is_final FROM {name(table.name)} {joined}"


def column_comment(relation: str, column: str, text: str) -> str:
    """The statement that writes words onto a column."""
    return f"COMMENT ON COLUMN {name(relation)}.{name(column)} IS {literal(text)}"


def typed(column: GoldColumn) -> str:
    """What gives a column of gold's Parquet its warehouse type."""
    if column.type == "duration":
        # There is no cast from BIGINT to INTERVAL.
        return f"to_microseconds({name(column.name)})"
    return f"CAST({name(column.name)} AS {column.type_in.duckdb})"
