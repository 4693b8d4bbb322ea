"""When a day is extracted: once it has settled, and never again unasked, because the source has moved on."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from daybook.days import ends
from daybook.errors import DaybookError, RetryableError
from daybook.lake.manifest import Live, Manifest
from daybook.lake.paths import Batch
from daybook.lake.publish import Published
from daybook.log import log
from daybook.sources.reach import Reach

_LOOK_EVERY_SECONDS = 60.0
READ_AGAIN = "read_again"  # in bronze's `inputs`: by table what stands there for all, of those read again alone


@dataclass(frozen=True)
class Asked:
    """How an extraction was asked for, and how long after a day's end late writes may arrive."""

    refresh: bool
    allow_incomplete: bool
    settle: timedelta

    def keeps(self, live: Live | None) -> bool:
        """Whether the published day stays: it is there, it had ended when read, and nobody asked for another look."""
        return live is not None and live.manifest.complete and not self.refresh

    def refused(self, reach: Reach, batches: Sequence[Batch]) -> dict[Batch, RetryableError]:
        """The failures of the days that the source is not far enough for, unless they may be incomplete."""
        if self.allow_incomplete:
            return {}
        short = [batch for batch in batches if not reach.covers(batch.day, self.settle)]
        return {batch: reach.short_of(batch.day, self.settle) for batch in short}


def read_at(bronze: Manifest, table: str) -> datetime:
    """When the source was read for a table: once for all tables of a batch, unless that one was read again alone."""
    return datetime.fromisoformat(_inputs(bronze, table)["read_at"])


def read_from(bronze: Manifest, table: str) -> datetime:
    """The moment of the snapshot that a table of PostgreSQL was read from."""
    return datetime.fromisoformat(_inputs(bronze, table)["snapshot"]["taken_at"])


def _inputs(bronze: Manifest, table: str) -> dict[str, Any]:
    return dict(bronze.inputs.get(READ_AGAIN, {}).get(table, bronze.inputs))


def wait_until_settled(day: date, settle: timedelta) -> None:
    """Give late writes time to arrive: wait until `settle` after the day's end, if the day has just ended."""
    settled = ends(day) + settle
    while ends(day) <= (now := datetime.now(UTC)) < settled:
        left = (settled - now).total_seconds()
        log.info("waiting %.0f s more for late writes of %s (DAYBOOK_SETTLE_MINUTES)", left, day)
        time.sleep(max(0.0, min(left, _LOOK_EVERY_SECONDS)))


def tell_refreshed(outcomes: Iterable[Published | DaybookError]) -> None:
    """Say what another look at the source changed: rows whose time has moved on are gone from their day."""
    for outcome in outcomes:
        if isinstance(outcome, Published) and outcome.changed and outcome.replaced:
            _tell(outcome.batch, outcome.replaced, outcome.live)


def _tell(batch: Batch, replaced: Live, live: Live) -> None:
    old = replaced.manifest.tables
    for name, entry in live.manifest.tables.items():
        if name in old and old[name] != entry:
            before, now = f"{old[name].rows:,}", f"{entry.rows:,}"
            again = "%s %s %s read again: %s rows before, %s now"
            log.warning(again, batch.layer, name, batch.day, before, now)
