"""Table-days that a test publishes itself: its own Parquet file, by the protocol of the jobs. Holds no test."""

from datetime import date
from pathlib import Path

import duckdb

from daybook.lake import publish
from daybook.lake.attempt import Attempt, Draft, DraftTable, Staged
from daybook.lake.manifest import File, Live
from daybook.lake.paths import Batch, Dataset
from daybook.lake.store import Store


def publish_rows(store: Store, layer: str, root: str, table: str, day: date, query: str, folder: Path) -> None:
    """Publish a table-day whose rows DuckDB's answer to the query is."""
    file = folder / f"{table}.parquet"
    duckdb.sql(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
    counted = duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchone()
    assert counted
    rows = int(counted[0])

    def make(attempt: Attempt, live: Live | None) -> Draft:
        dataset = Dataset(root, table, day, "parquet")
        name = f"{attempt.folder(dataset)}/part-0"
        store.put_if_unchanged(name, file.read_bytes(), None)
        staged = Staged(dataset, dataset.base, (File(name, file.stat().st_size, rows),), rows, {}, 0.1)
        return Draft({table: DraftTable(staged, {})}, {}, {})

    publish.publish(store, Batch(layer, root, table, day), make)
