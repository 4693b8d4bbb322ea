"""A table or view of the warehouse file that no contract speaks of: what the file says of itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from daybook.warehouse import engine
from daybook.warehouse.schema import column_comment, literal, name


@dataclass(frozen=True)
class OwnTable:
    """Its name, its words, and its columns as name, type and words; those in `nullable` may be NULL."""

    name: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    nullable: tuple[str, ...] = ()

    @property
    def types(self) -> list[tuple[str, str]]:
        """Columns and types, as DuckDB tells them."""
        return [(column, type_) for column, type_, _ in self.columns]

    def statements(self) -> Iterator[str]:
        """What makes it, with its words, in the connection's current database."""
        types = (f"{name(c)} {type_}{'' if c in self.nullable else ' NOT NULL'}" for c, type_, _ in self.columns)
        yield f"CREATE TABLE {name(self.name)} ({', '.join(types)})"
        yield f"COMMENT ON TABLE {name(self.name)} IS {literal(self.comment)}"
        yield from (column_comment(self.name, column, text) for column, _, text in self.columns)

    def write(self, db: duckdb.DuckDBPyConnection, rows: Iterable[tuple[Any, ...]]) -> None:
        """Make the table, with these rows."""
        for statement in self.statements():
            db.execute(statement)
        engine.insert(db, self.name, dict(self.types), rows)

    def rows(self, db: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        """Its rows, in the order in which they were written."""
        names = ", ".join(name(column) for column, _, _ in self.columns)
        return db.execute(f"SELECT {names} FROM {name(self.name)} ORDER BY rowid").fetchall()


@dataclass(frozen=True)
class OwnView:
    """Its name, its words, its columns as name and words, and the SELECT that it stands for."""

    name: str
    comment: str
    columns: tuple[tuple[str, str], ...]
    select: str

    def statements(self) -> Iterator[str]:
        """What makes it, with its words, in the connection's current database."""
        yield f"CREATE VIEW {name(self.name)} AS {self.select}"
        yield f"COMMENT ON VIEW {name(self.name)} IS {literal(self.comment)}"
        yield from (column_comment(self.name, column, text) for column, text in self.columns)
