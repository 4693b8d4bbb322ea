"""Days are made together in one pass, and a broken one stops itself alone."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from daybook.lake import manifest
from daybook.lake.paths import Batch
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import succeeds

DAYS = [date(2025, 3, 1) + timedelta(days=n) for n in range(3)]
RANGE = ("--from", str(DAYS[0]), "--to", str(DAYS[-1]))


def another_header(daybook: Daybook, batch: Batch) -> None:
    """A file of the day that is not of its table any more."""
    live = manifest.read(daybook.store, batch)
    assert live
    name, *_ = live.manifest.all_files
    stored = daybook.store.get(name)
    assert stored
    daybook.store.put_if_unchanged(name, stored.body.replace(b"group_id", b"of_group", 1), stored.etag)


def a_row_that_is_not_there(daybook: Daybook, batch: Batch) -> None:
    """A row more by its manifest than the files of the day hold."""
    stored = daybook.store.get(batch.manifest)
    assert stored
    promised = json.loads(stored.body)
    promised["tables"][batch.name]["rows"] += 1
    daybook.store.put_if_unchanged(batch.manifest, json.dumps(promised).encode(), stored.etag)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [(another_header, "not the CSV that was published"), (a_row_that_is_not_there, "are accounted for")],
)
def test_a_day_that_cannot_be_read_or_does_not_add_up_stops_itself_alone(
    daybook: Daybook, driver: Driver, break_it: Callable[[Daybook, Batch], None], told: str
) -> None:
    lake = daybook.own_lake(f"passes_{break_it.__name__}")
    succeeds(driver.run("extract_cassandra", *RANGE, "--table", "group_messages", **lake))
    break_it(daybook, daybook.batch("bronze", "group_messages", DAYS[1], **lake))
    ended = driver.run("silver", *RANGE, "--table", "group_messages", **lake)
    assert ended.code == 3 and str(DAYS[1]) in ended.last_line and told in ended.last_line, ended.output
    made = [manifest.read(daybook.store, daybook.batch("silver", "group_messages", day, **lake)) for day in DAYS]
    assert [live is not None for live in made] == [True, False, True]
    assert daybook.unnamed(lake["DAYBOOK_SILVER"]) == set()


def test_a_range_that_begins_with_a_day_without_a_row_is_made_in_one_go(daybook: Daybook, driver: Driver) -> None:
    lake, days = daybook.own_lake("passes_empty"), [DAYS[0] - timedelta(days=1), *DAYS[:2]]
    for job in ("extract_cassandra", "silver"):
        ended = driver.run(job, "--from", str(days[0]), "--to", str(days[-1]), "--table", "group_messages", **lake)
        succeeds(ended)
        assert "one by one" not in ended.output
    made = [manifest.read(daybook.store, daybook.batch("silver", "group_messages", day, **lake)) for day in days]
    rows = [live.manifest.tables["group_messages"].rows if live else None for live in made]
    assert rows[0] == 0 and all(rows[1:]), rows
