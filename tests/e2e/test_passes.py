"""Days are made together in one pass, and a broken one stops itself alone."""

from datetime import date, timedelta

from daybook.lake import manifest
from tests.kit.harness import Daybook, Driver
from tests.kit.sources import succeeds

DAYS = [date(2025, 3, 1) + timedelta(days=n) for n in range(3)]
RANGE = ("--from", str(DAYS[0]), "--to", str(DAYS[-1]))


def test_a_day_with_a_file_that_cannot_be_read_stops_itself_alone(daybook: Daybook, driver: Driver) -> None:
    lake = daybook.own_lake("passes_broken")
    succeeds(driver.run("extract_cassandra", *RANGE, "--table", "group_messages", **lake))
    batch = daybook.batch("bronze", "group_messages", DAYS[1], **lake)
    live = manifest.read(daybook.store, batch)
    assert live
    name, *_ = live.manifest.all_files
    stored = daybook.store.get(name)
    assert stored
    daybook.store.put_if_unchanged(name, stored.body.replace(b"group_id", b"of_group", 1), stored.etag)
    ended = driver.run("silver", *RANGE, "--table", "group_messages", **lake)
    assert ended.code == 3 and str(DAYS[1]) in ended.last_line, ended.output
    made = [manifest.read(daybook.store, daybook.batch("silver", "group_messages", day, **lake)) for day in DAYS]
    assert [live is not None for live in made] == [True, False, True]
    assert daybook.unnamed(lake["DAYBOOK_SILVER"]) == set()
