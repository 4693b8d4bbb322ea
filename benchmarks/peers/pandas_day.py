"""A whole day by pandas in one process, frames kept in memory from step to step.

Reads    what the extractions read
Writes   bronze CSV, silver and its rejected rows, and gold, Parquet with zstd; prints the seconds of each step
"""

import io
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import chain

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from benchmarks.peers import arguments, meaning, pandas_gold, pandas_silver
from benchmarks.peers.copy_postgres import connected, select
from benchmarks.peers.driver_cassandra import connect, pages, texts, token_ranges
from benchmarks.peers.lake import REJECTED, Lake
from daybook import settings
from daybook.contracts import CASSANDRA_TABLES, POSTGRES_TABLES, SOURCE_TABLES
from daybook.days import shifted

Frames = dict[tuple[str, date], pd.DataFrame]
_RANGES = 64


def main() -> None:
    """The four steps, each for all days."""
    asked = arguments.parse(__doc__, "pandas_day")
    lake, bronze, silver = Lake(asked.into), Frames(), Frames()
    with _timed("extract_postgres"):
        _postgres(lake, asked.days, bronze)
    with _timed("extract_cassandra"):
        _cassandra(lake, asked.days, bronze)
    with _timed("silver"):
        _silver(lake, asked.days, bronze, silver)
    with _timed("gold"):
        for day in asked.days:
            for name, frame in pandas_gold.made(silver, day).items():
                _put_parquet(lake, "gold", name, day, frame)


def _postgres(lake: Lake, days: list[date], bronze: Frames) -> None:
    source = settings.postgres()
    with connected(source) as connection, connection.cursor() as cursor, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # pandas would like another library's connection
        for day in days:
            for table in POSTGRES_TABLES:
                frame = pd.read_sql(select(cursor, source.schema, table, day), connection)
                _put_csv(lake, table.name, day, frame)
                bronze[table.name, day] = frame


def _cassandra(lake: Lake, days: list[date], bronze: Frames) -> None:
    session = connect()
    for table in CASSANDRA_TABLES:
        assert table.window, "a Cassandra table is read by day"
        rows = list(chain.from_iterable(pages(session, table, days, token_ranges(_RANGES))))
        columns = zip(*rows, strict=True) if rows else ([] for _ in table.columns)
        found = {name: texts(values) for name, values in zip(table.column_names, columns, strict=True)}
        whole = pa.table(found).to_pandas()
        times = whole[table.window.column]
        for day in days:
            # in this form texts are in the order of time
            first, end = f"{shifted(day, -table.window.days_back)}T", f"{shifted(day, 1)}T"
            frame = whole[(times >= first) & (times < end)] if len(days) > 1 else whole
            _put_csv(lake, table.name, day, frame)
            bronze[table.name, day] = frame
    session.cluster.shutdown()


def _silver(lake: Lake, days: list[date], bronze: Frames, silver: Frames) -> None:
    latest, told = meaning.latest_plausible(datetime.now(UTC)), settings.meaning()
    for day in days:
        listed = meaning.rates_on(day)
        for table in SOURCE_TABLES:
            text = bronze.pop((table.name, day))
            clean, rejected = pandas_silver.made(text, table, latest, listed, told.amount_limit, told.month_first)
            _put_parquet(lake, "silver", table.name, day, clean)
            _put_parquet(lake, "silver", table.name + REJECTED, day, rejected)
            silver[table.name, day] = clean


def _put_csv(lake: Lake, name: str, day: date, frame: pd.DataFrame) -> None:
    buffer = io.BytesIO()  # not by to_csv, in which NULL and the empty string are one
    options = csv.WriteOptions(quoting_style="all_valid")
    csv.write_csv(pa.Table.from_pandas(frame, preserve_index=False), buffer, options)
    file = lake.stream("bronze", name, day, "part-0.csv")
    file.write(buffer.getvalue())
    file.close()


def _put_parquet(lake: Lake, layer: str, name: str, day: date, frame: pd.DataFrame) -> None:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, compression="zstd", index=False)
    file = lake.stream(layer, name, day, "part-0.parquet")
    file.write(buffer.getvalue())
    file.close()


@contextmanager
def _timed(step: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    sys.stdout.write(f"{step} {time.monotonic() - started:.1f} s\n")


if __name__ == "__main__":
    main()
