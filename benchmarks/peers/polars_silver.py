"""Bronze → silver by Polars: types, rules, reasons, one row per key, clean and rejected Parquet.

Reads    Daybook's bronze of each table-day, downloaded
Writes   <table> and <table>.rejected, Parquet with zstd, uploaded
"""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from benchmarks.peers import arguments, polars_rules
from benchmarks.peers.lake import REJECTED, Lake
from daybook.contracts import SOURCE_TABLES
from daybook.contracts.model import SourceTable


def main() -> None:
    """Make each table of each day."""
    asked = arguments.parse(__doc__, "polars_silver")
    lake = Lake(asked.into)
    with TemporaryDirectory() as scratch:
        for day in asked.days:
            for table in SOURCE_TABLES:
                _make(lake, table, day, Path(scratch))


def _make(lake: Lake, table: SourceTable, day: date, folder: Path) -> None:
    files = lake.fetch(lake.live("bronze", table.name, day), folder)
    names = table.column_names
    judged = _judged(files, table, polars_rules.parameters(lake, table, day))
    bad = judged.filter(pl.col("reasons").list.len() > 0)
    order = [table.latest_by] * bool(table.latest_by) + [name for name in names if name != table.latest_by]
    good = judged.filter(pl.col("reasons").list.len() == 0).select(names)
    del judged
    clean = good.sort(order, descending=True, nulls_last=True).unique(table.key, keep="first", maintain_order=False)
    as_read = [pl.col(f"r_{name}").alias(name) for name in names]
    for frame, name in ((clean, table.name), (bad.select(*as_read, "reasons"), table.name + REJECTED)):
        file = folder / f"{name}.parquet"
        frame.write_parquet(file, compression="zstd")
        lake.put("silver", name, day, file)
    for old in files:
        Path(old).unlink()


def _judged(files: list[str], table: SourceTable, parameters: polars_rules.Parameters) -> pl.DataFrame:
    """All rows typed, with the texts as read and the reasons."""
    columns, against = table.columns, polars_rules.objections(table, parameters)
    reasons = pl.concat_list(pl.when(condition).then(pl.lit(reason)) for reason, condition in against.items())
    return (
        pl.scan_csv(files, infer_schema=False)
        .select(pl.col(c.name).alias(f"r_{c.name}") for c in columns)
        .with_columns(polars_rules.cleaned(c).alias(f"t_{c.name}") for c in columns)
        .with_columns(polars_rules.typed(c, parameters).alias(c.name) for c in columns)
        .with_columns(reasons.list.drop_nulls().alias("reasons"))
        .drop(f"t_{c.name}" for c in columns)
        .collect()
    )


if __name__ == "__main__":
    main()
