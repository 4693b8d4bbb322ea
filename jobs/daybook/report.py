"""The lines a person reads while a job runs: one per batch and table, one summary."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from daybook.lake.publish import Published
from daybook.log import log, size


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
        batch, live, changed = published.batch, published.live, published.changed
        for name, entry in live.manifest.tables.items():
            if not changed:
                self.unchanged += 1
                log.info(
                    "%-6s %-28s %s  already published: %s rows",
                    batch.layer,
                    name,
                    batch.day,
                    f"{entry.rows:,}",
                )
                continue
            rejected = int(entry.ledger.get("rejected", 0))
            self.tables, self.rows = self.tables + 1, self.rows + entry.rows
            self.bytes, self.rejected = self.bytes + entry.bytes, self.rejected + rejected
            log.info(
                "%-6s %-28s %s  %11s rows  %9s  %5.1f s%s%s",
                batch.layer,
                name,
                batch.day,
                f"{entry.rows:,}",
                size(entry.bytes),
                entry.seconds,
                f"  {rejected:,} rejected" if rejected else "",
                "" if live.manifest.complete else "  (incomplete day)",
            )

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


def warn_of_unknown(table: str, columns: list[str]) -> None:
    """Say which columns of the source are not read because the contract does not know them."""
    if columns:
        log.warning("warning: %s has columns the contract does not know: %s", table, ", ".join(columns))
