"""Bronze → silver by DuckDB: types, rules, reasons, one row per key, clean and rejected Parquet.

Reads    Daybook's bronze of each table-day, downloaded
Writes   <table> and <table>.rejected, Parquet with zstd, uploaded
"""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.peers import arguments, duckdb_rules
from benchmarks.peers.lake import REJECTED, Lake
from daybook import settings
from daybook.contracts import SOURCE_TABLES
from daybook.contracts.model import SourceTable

_PARQUET = "(FORMAT parquet, COMPRESSION zstd)"


def main() -> None:
    """Make each table of each day."""
    asked = arguments.parse(__doc__, "duckdb_silver")
    lake = Lake(asked.into)
    with TemporaryDirectory() as scratch, duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        db.execute(f"SET temp_directory = '{scratch}/spill'")
        for day in asked.days:
            for table in SOURCE_TABLES:
                _make(db, lake, table, day, Path(scratch))


def _make(db: duckdb.DuckDBPyConnection, lake: Lake, table: SourceTable, day: date, folder: Path) -> None:
    files = lake.fetch(lake.live("bronze", table.name, day), folder)
    clean, rejected = folder / "clean.parquet", folder / "rejected.parquet"
    names, key = ", ".join(table.column_names), ", ".join(table.key)
    latest = (table.latest_by,) if table.latest_by else ()
    order = ", ".join(f"{name} DESC NULLS LAST" for name in (*latest, *table.column_names))
    db.execute(_judged(table, files, duckdb_rules.parameters(lake, table, day)))
    db.execute(f"""COPY (SELECT {names} FROM judged WHERE reasons = ''
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) = 1) TO '{clean}' {_PARQUET}""")  # fmt: skip
    as_read = ", ".join(f"r_{name} AS {name}" for name in table.column_names)
    db.execute(f"""COPY (SELECT {as_read}, string_split(reasons, ' ') AS reasons
        FROM judged WHERE reasons <> '') TO '{rejected}' {_PARQUET}""")  # fmt: skip
    lake.put("silver", table.name, day, clean)
    lake.put("silver", table.name + REJECTED, day, rejected)
    for file in files:
        Path(file).unlink()


def _judged(table: SourceTable, files: list[str], parameters: dict[str, str]) -> str:
    """All rows with their reasons, and the texts as read of those that have any."""
    columns, names, month_first = table.columns, table.column_names, settings.meaning().month_first
    raw = ", ".join(f"{name} AS r_{name}" for name in names)
    texts = ", ".join(f"{duckdb_rules.cleaned(c)} AS t_{c.name}" for c in columns)
    values = ", ".join(f"{duckdb_rules.typed(c, month_first=month_first)} AS {c.name}" for c in columns)
    against = duckdb_rules.objections(table, parameters, month_first=month_first)
    reasons = ", ".join(f"CASE WHEN {condition} THEN '{reason}' END" for reason, condition in against.items())
    kept = ", ".join(f"CASE WHEN reasons <> '' THEN r_{name} END AS r_{name}" for name in names)
    return f"""CREATE OR REPLACE TEMP TABLE judged AS
        WITH raw AS (SELECT {raw} FROM {duckdb_rules.read_csv(files)}),
             texts AS (SELECT *, {texts} FROM raw),
             typed AS (SELECT *, {values} FROM texts),
             said AS (SELECT *, concat_ws(' ', {reasons}) AS reasons FROM typed)
        SELECT {", ".join(names)}, reasons, {kept} FROM said"""


if __name__ == "__main__":
    main()
