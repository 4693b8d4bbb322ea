"""What a crashed run left in the real store is listed, and deleted when asked; every published day stays as it is."""

from datetime import timedelta

from daybook import settings
from daybook.lake import sweep
from tests.kit.errors import put
from tests.kit.harness import FIRST, Daybook, Driver
from tests.kit.sources import refused

OF_ANY_AGE = timedelta(minutes=-1)  # the store's clock tells whole seconds


def test_leftovers_go_and_what_a_manifest_names_stays(daybook: Daybook, driver: Driver) -> None:
    own = daybook.own_lake("sweep")
    for job in ("extract_postgres", "extract_cassandra"):
        assert driver.run(job, "--ds", FIRST, **own).code == 0
    assert driver.run("silver", "--ds", FIRST, **own).code == 0
    lake = settings.lake(daybook.stack.settings("etl") | own)
    published = {root: daybook.stored(root) for root in (lake.bronze, lake.silver, lake.gold)}
    left = {
        f"{lake.bronze}/users/{FIRST}/users.csv/dead-00000.csv": b"abc",
        f"{lake.silver}/users/{FIRST}/_attempts/dead/part-0": b"defg",
        f"{lake.silver}/_rejected/users/2025-01-01/users.parquet/dead-00000.zstd.parquet": b"h",
    }
    foreign = f"{lake.gold}/README"
    for name, body in {**left, foreign: b"not ours"}.items():
        put(daybook, name, body)

    found = sweep.leftovers(daybook.store, lake, OF_ANY_AGE)
    assert found == {name: len(body) for name, body in left.items()}
    ended = daybook.by_duckdb("sweep", "--delete", **own)
    assert (ended.code, ended.last_line) == (0, "sweep done: 0 objects, 0 B, deleted"), "all is younger than 48 hours"
    assert daybook.stored(lake.bronze).keys() > published[lake.bronze].keys()

    daybook.store.delete(list(found))
    after = {root: daybook.stored(root) for root in published}
    assert after == published | {lake.gold: {foreign: 8}}
    assert sweep.leftovers(daybook.store, lake, OF_ANY_AGE) == {}


def test_nothing_is_swept_where_a_manifest_cannot_be_understood(daybook: Daybook) -> None:
    own = daybook.own_lake("sweep_newer")
    place = f"{own['DAYBOOK_GOLD']}/global_user_activity_per_day/{FIRST}/_MANIFEST.json"
    put(daybook, place, b'{"format": 5}')
    then = "use the version of Daybook that wrote it, or a later one"
    refused(
        daybook.by_duckdb("sweep", **own), 3, f"{place}: manifest format 5, this version reads 1 to 4 -- next: {then}"
    )
