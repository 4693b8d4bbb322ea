"""Whether two lakes hold the same: rows against Daybook's ledgers, and the difference row by row, both ways."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.peers import duckdb_gold
from benchmarks.peers.duckdb_rules import read_csv
from benchmarks.peers.lake import REJECTED, Lake
from daybook.contracts import CASSANDRA_TABLES, POSTGRES_TABLES, SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.model import SourceTable

Table = SourceTable | GoldTable
# The files of a table-day, by its name; a part of another name for the rejected ones.
Files = Callable[[str, date, bool], list[str]]
TABLES: dict[str, tuple[Table, ...]] = {
    "extract_postgres": POSTGRES_TABLES,
    "extract_cassandra": CASSANDRA_TABLES,
    "silver": SOURCE_TABLES,
    "gold": tuple(duckdb_gold.MADE),
}
LAYER_OF = {"extract_postgres": "bronze", "extract_cassandra": "bronze", "silver": "silver", "gold": "gold"}


@dataclass(frozen=True)
class Found:
    """Rows by Daybook's ledger and by the other; how many rows only Daybook has, and only the other."""

    what: str
    ledger: int
    rows: int
    missing: int
    added: int

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self.ledger == self.rows and not self.missing and not self.added


def of_step(step: str, ours: Lake, theirs: Files, asked: Sequence[date]) -> Iterator[Found]:
    """Compare what a step made of the days; silver's rejected rows, too."""
    layer = LAYER_OF[step]
    for table in TABLES[step]:
        for rejected in (False, True) if layer == "silver" else (False,):
            yield _compared(layer, table, rejected, ours, theirs, asked)


def of_peer(lake: Lake, layer: str) -> Files:
    """Where a peer keeps its files."""
    return lambda name, day, rejected: lake.own(layer, name + REJECTED * rejected, day)


def of_daybook(lake: Lake, layer: str) -> Files:
    """Where Daybook keeps its files."""
    return lambda name, day, rejected: lake.live(layer, name, day, "rejected_files" if rejected else "files")


def _compared(layer: str, table: Table, rejected: bool, ours: Lake, theirs: Files, asked: Sequence[date]) -> Found:
    mine, ledger = of_daybook(ours, layer), 0
    line = "rejected" if rejected else layer
    for day in asked:
        manifest = ours.manifest(layer, table.name, day)
        assert manifest, f"{layer} {table.name} {day} is not there"
        ledger += manifest["tables"][table.name]["ledger"][line]
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        db.execute(f"SET TimeZone = 'UTC'; SET temp_directory = '{folder}/spill'")
        for side, files in (("mine", mine), ("other", theirs)):
            parts = []
            for day in asked:
                local = ours.fetch(files(table.name, day, rejected), Path(folder) / side / str(day))
                parts.append(_part(local, layer, table, rejected, day))
            db.execute(f"CREATE VIEW {side} AS {' UNION ALL '.join(parts)}")
        queries = "FROM other", "FROM mine EXCEPT ALL FROM other", "FROM other EXCEPT ALL FROM mine"
        rows, missing, added = (_count(db, query) for query in queries)
    return Found(f"{table.name}{' rejected' if rejected else ''}", ledger, rows, missing, added)


def _count(db: duckdb.DuckDBPyConnection, query: str) -> int:
    counted = db.execute(f"SELECT count(*) FROM ({query})").fetchone()
    assert counted
    return int(counted[0])


def _part(files: list[str], layer: str, table: Table, rejected: bool, day: date) -> str:
    """One day's rows, each column in the contract's type, as far as the layer has types."""
    as_read = layer == "bronze" or rejected
    values = [_value(c.name, c.type, c.type_in.parquet, as_read) for c in table.columns]
    values += ["reasons::VARCHAR[] AS reasons"] * rejected
    if not files:  # of no rejected rows Daybook writes no file
        empty = [f"NULL::VARCHAR AS {c.name}" for c in table.columns] + ["NULL::VARCHAR[] AS reasons"] * rejected
        source = f"(SELECT {', '.join(empty)} WHERE false)"
    else:
        source = read_csv(files) if layer == "bronze" else f"read_parquet({files!r})"
    return f"SELECT DATE '{day}' AS of_day, {', '.join(values)} FROM {source}"


def _value(name: str, type_: str, parquet: str, as_read: bool) -> str:
    if not as_read:
        return f"{name}::{parquet} AS {name}"
    if type_.startswith("decimal"):  # a peer may write 1.50 where Daybook writes 1.5
        return f"coalesce(try_cast({name} AS {parquet})::VARCHAR, {name}) AS {name}"
    return f"{name}::VARCHAR AS {name}"
