"""The lines a person reads while a job runs: one per batch and table, one summary."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from daybook.contracts.model import DATE_ORDER
from daybook.lake.publish import Published
from daybook.log import log, size
from daybook.records import run_record
from daybook.records.run_record import TableDayRun
from daybook.sources.reach import Reach


def tell(job: str, published: Iterable[Published]) -> None:
    """Say what becomes of each batch of a job, and at the end what the whole job did."""
    report = _Report()
    for batch in published:
        report.add(batch)
    report.summary(job)


@dataclass
class _Report:
    """Counts what a job published and what it left alone."""

    started: float = field(default_factory=time.monotonic)
    tables: int = 0
    rows: int = 0
    bytes: int = 0
    rejected: int = 0
    unchanged: int = 0

    def add(self, published: Published) -> None:
        """Say what became of a batch."""
        batch, live = published.batch, published.live
        old = published.replaced.manifest.tables if published.replaced else {}
        for name, entry in live.manifest.tables.items():
            changed = published.changed and old.get(name) != entry
            rejected = int(entry.ledger.get("rejected", 0))
            figures = (entry.rows, entry.bytes, entry.seconds, rejected, live.manifest.complete)
            table_day = TableDayRun(batch.layer, name, batch.day, *figures, changed)
            run_record.note_table_day(table_day)
            self.count(table_day)
            log.info(_line(table_day), extra={"fields": asdict(table_day)})
            if changed:
                _warn_of_date_order(table_day, entry.ledger.get("rejected_by_reason", {}))

    def count(self, table_day: TableDayRun) -> None:
        """Add it to the sums."""
        if not table_day.changed:
            self.unchanged += 1
            return
        self.tables, self.rows = self.tables + 1, self.rows + table_day.rows
        self.bytes, self.rejected = self.bytes + table_day.bytes, self.rejected + table_day.rejected

    def summary(self, job: str) -> None:
        """Say what the whole job did."""
        log.info(
            "%s done: %d tables published, %s rows, %s%s, %d already published, %.1f s",
            job,
            self.tables,
            f"{self.rows:,}",
            size(self.bytes),
            f", {self.rejected:,} rejected" if self.rejected else "",
            self.unchanged,
            time.monotonic() - self.started,
        )


def _line(of: TableDayRun) -> str:
    """What became of a table and day, in columns."""
    place = f"{of.layer:<6} {of.table:<28} {of.day}"
    if not of.changed:
        return f"{place}  already published: {of.rows:,} rows"
    rejected = f"  {of.rejected:,} rejected" if of.rejected else ""
    incomplete = "" if of.complete else "  (incomplete day)"
    return f"{place}  {of.rows:>11,} rows  {size(of.bytes):>9}  {of.seconds:5.1f} s{rejected}{incomplete}"


def _warn_of_date_order(of: TableDayRun, reasons: Mapping[str, int]) -> None:
    """Say which columns have dates that only the other order of day and month reads: then others are read wrongly."""
    for reason, rows in reasons.items():
        if reason.endswith(DATE_ORDER):
            line = "%s %s %s: %s rows rejected, whose %s is a date in the other order of day and month"
            column = reason.removesuffix(DATE_ORDER)
            log.warning(f"{line} (DAYBOOK_DATE_ORDER)", of.layer, of.table, of.day, f"{rows:,}", column)


def warn_of_unknown(table: str, columns: list[str]) -> None:
    """Say which columns of the source are not read because the contract does not know them."""
    if columns:
        log.warning("%s has columns the contract does not know: %s", table, ", ".join(columns))


def warn_of_clocks(reach: Reach) -> None:
    """Say that a source's clock and this machine's are far apart."""
    if reach.differ:
        log.warning("%s", reach.differ)
