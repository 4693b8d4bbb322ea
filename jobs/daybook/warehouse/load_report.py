"""What a load says of each table-day, and what the record of the run keeps of it."""

from collections.abc import Mapping

from daybook.log import log
from daybook.records import run_record
from daybook.warehouse.gold_layer import Gold
from daybook.warehouse.tabledays import TableDay, Version, version_of


def report(changed: Gold, loaded: Mapping[TableDay, Version], rebuild: bool) -> None:
    """One line per table-day that changed; `loaded` are those that the file held before."""
    versions = {of: version_of(live, of.table) for of, live in changed.items()}
    for of, version in sorted(versions.items(), key=lambda item: item[0]):
        stored, complete = changed[of].manifest.tables[of.table], changed[of].manifest.complete
        figures = (version.rows, stored.bytes, 0, 0, complete)
        run_record.note_table_day(
            run_record.TableDayRun("duckdb", of.table, of.day, *figures, version != loaded.get(of))
        )
        if version != loaded.get(of):  # a rebuild loads again what was there already
            was = f", was {loaded[of].number}" if of in loaded else ""
            log.info(
                "duckdb %-28s %s  %11s rows  version %d%s", of.table, of.day, f"{version.rows:,}", version.number, was
            )
    for of in sorted(loaded.keys() - changed.keys() if rebuild else ()):
        log.warning("%s: no longer in gold, and now not in the warehouse either", of)
