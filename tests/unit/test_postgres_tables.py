"""Of two runs that read PostgreSQL at the same time: whose reading of which table counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from daybook.contracts import POSTGRES_TABLES
from daybook.lake.manifest import Live, Manifest
from daybook.lake.paths import Batch
from daybook.sources.extraction import READ_AGAIN, Asked
from daybook.steps.postgres_tables import Source

DAY = date(2025, 3, 1)
BATCH = Batch("bronze", "s3a://bronze", "_postgres", DAY)
USERS, ACTIVITIES = (next(t for t in POSTGRES_TABLES if t.name == name) for name in ("users", "activities"))
NOON = datetime(2025, 3, 2, 12, tzinfo=UTC)
REFRESH, PLAIN = (Asked(refresh, allow_incomplete=False, settle=timedelta()) for refresh in (True, False))


def live(etag: str, taken: int, complete: bool = True, **again: int) -> Live:
    """A day of a snapshot so many minutes after noon, and tables that were read again alone."""
    inputs: dict[str, Any] = _snapshot(taken) | {READ_AGAIN: {name: _snapshot(at) for name, at in again.items()}}
    return Live(Manifest("bronze", "_postgres", str(DAY), "a", 1, "", {}, inputs, complete, "", {}, 1.0), etag)


def _snapshot(minutes: int) -> dict[str, Any]:
    return {"snapshot": {"taken_at": (NOON + timedelta(minutes=minutes)).isoformat()}}


def source(tables: Any, asked: Asked, covers: bool = True) -> Source:
    """A run whose snapshot is of ten past noon, and which found the first version."""
    snapshot: Any = SimpleNamespace(
        taken_at=NOON + timedelta(minutes=10), reach=SimpleNamespace(covers=lambda *_: covers)
    )
    return Source(snapshot, tables, {}, {BATCH: live("first", 0)}, asked)


@pytest.mark.parametrize(
    ("tables", "asked", "now", "ours"),
    [
        ([ACTIVITIES], REFRESH, live("first", 0), [ACTIVITIES]),
        ([ACTIVITIES], REFRESH, live("second", 0, users=5), [ACTIVITIES]),
        ([ACTIVITIES], REFRESH, live("second", 0, activities=5), [ACTIVITIES]),
        ([ACTIVITIES], REFRESH, live("second", 0, activities=15), []),
        ([ACTIVITIES], REFRESH, live("second", 15), []),
        (POSTGRES_TABLES, REFRESH, live("second", 0, activities=15), [t for t in POSTGRES_TABLES if t != ACTIVITIES]),
        (POSTGRES_TABLES, REFRESH, live("second", 0, activities=5), list(POSTGRES_TABLES)),
        (POSTGRES_TABLES, REFRESH, live("second", 15), []),
        (POSTGRES_TABLES, PLAIN, live("second", 5), []),
        (POSTGRES_TABLES, PLAIN, live("second", 5, complete=False), list(POSTGRES_TABLES)),
    ],
)
def test_of_each_table_the_later_snapshot_counts_and_no_reading_is_lost_to_that_of_another_table(
    tables: Any, asked: Asked, now: Live, ours: Any
) -> None:
    assert source(tables, asked).ours(BATCH, now) == ours


def test_a_run_that_has_not_the_whole_day_gives_way_to_one_that_was_first() -> None:
    assert source(POSTGRES_TABLES, REFRESH, covers=False).ours(BATCH, live("second", 0)) == []


def test_a_day_that_nobody_published_is_whoevers_comes() -> None:
    run = replace(source(POSTGRES_TABLES, PLAIN), before={BATCH: None})
    assert run.ours(BATCH, None) == list(POSTGRES_TABLES)
