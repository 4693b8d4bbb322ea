"""Silver → gold by DuckDB: both tables of each day, from silver of the days around it.

Reads    Daybook's silver of the days that are there, downloaded once
Writes   each gold table of each day, Parquet with zstd, uploaded; durations in microseconds
"""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.peers import arguments, duckdb_rules
from benchmarks.peers import duckdb_gold_queries as queries
from benchmarks.peers.lake import Lake
from benchmarks.peers.meaning import rates_on
from daybook import days as calendar
from daybook import settings
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.gold_model import GoldTable

# The gold tables that peers make, and by which query this one does.
MADE: dict[GoldTable, str] = {
    GLOBAL_USER_ACTIVITY_PER_DAY: queries.ACTIVITY,
    GLOBAL_NOTIF_IMPACT_PER_DAY: queries.IMPACT,
}


def main() -> None:
    """Make both tables of each day."""
    asked = arguments.parse(__doc__, "duckdb_gold")
    lake = Lake(asked.into)
    with TemporaryDirectory() as scratch, duckdb.connect() as db:
        db.execute(f"SET TimeZone = 'UTC'; SET temp_directory = '{scratch}/spill'")
        held = dict[tuple[str, date], list[str]]()
        for day in asked.days:
            _open(db, lake, day, held, Path(scratch))
            for table, query in MADE.items():
                file = Path(scratch) / f"{table.name}.parquet"
                db.execute(f"COPY ({filled(query, day)}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
                lake.put("gold", table.name, day, file)


def _open(
    db: duckdb.DuckDBPyConnection, lake: Lake, day: date, held: dict[tuple[str, date], list[str]], folder: Path
) -> None:
    """Silver of the day and around it as views, and the gaps of its sessions, which both tables ask for."""
    reads: dict[str, set[int]] = {}
    for table in MADE:
        for name, offsets in table.reads.items():
            reads.setdefault(name, set()).update(offsets)
    for name, around in reads.items():
        days = [calendar.shifted(day, offset) for offset in sorted(around)]
        for each in days:
            if (name, each) not in held:
                held[name, each] = lake.fetch(lake.live("silver", name, each), folder)
        files = [file for each in days for file in held[name, each]]
        db.execute(f"CREATE OR REPLACE VIEW {name} AS FROM read_parquet({files!r})")
    db.execute(f"CREATE OR REPLACE TEMP TABLE gaps AS {filled(queries.GAPS, day)}")


def filled(query: str, day: date) -> str:
    """A query of `duckdb_gold_queries` for a day, by the settings and its rates."""
    meaning = settings.meaning()
    return query.format(
        day=f"DATE '{day}'",
        first=f"TIMESTAMPTZ '{day} 00:00:00Z'",
        end=f"TIMESTAMPTZ '{calendar.shifted(day, 1)} 00:00:00Z'",
        last=f"TIMESTAMPTZ '{calendar.shifted(day, 2)} 00:00:00Z'",
        max_gap=_interval(meaning.max_gap),
        attribution=_interval(meaning.attribution),
        success=", ".join(f"'{state}'" for state in meaning.success_states),
        rate=duckdb_rules.rate(rates_on(day)),
    )


def _interval(length: timedelta) -> str:
    return f"INTERVAL {length.total_seconds():.0f} SECOND"


if __name__ == "__main__":
    main()
