"""A lake and a warehouse of the first release go on: the next night by itself, history by the guide's commands.

The first release is run from this repository's history, on the same sources and servers. The lake that this release
alone made is the one that all tests share: nothing happened on the day after its last, so that one day more changes
none of its figures.
"""

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import FIGURE_TABLES, SOURCE_TABLES
from daybook.lake import manifest
from daybook.lake.paths import Batch
from local.demo.proof import Proof
from tests.kit import releases
from tests.kit.harness import RANGE, SPARK_JOBS, Daybook, Driver, Ended
from toolchain import places

NIGHT = "2025-03-04"
DAYS = [date(2025, 3, number) for number in range(1, 5)]
ACTIVITY, IMPACT = "global_user_activity_per_day", "global_notif_impact_per_day"
# The tables of the first release, and their columns.
OLD_COLUMNS = {
    ACTIVITY: "user_id, date, total_nbr_connexion, total_spend_time, total_message_send_this_day, total_money_spend",
    IMPACT: "user_id, content_notif, notif_date, is_success, time_spend_after_success",
}
GUIDE = places.ROOT / "docs" / "upgrading.md"

Rows = dict[tuple[str, date], Counter[Any]]


@pytest.fixture(scope="module")
def old_jobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The jobs as the first release had them, with its exchange rates."""
    return releases.jobs(releases.FIRST, tmp_path_factory.mktemp("first_release"))


def succeeds(ended: Ended) -> str:
    assert ended.code == 0, ended.output
    return ended.output


@pytest.fixture(scope="module")
def first_release(daybook: Daybook, old_jobs: Path) -> Iterator[Driver]:
    """A driver of the first release."""
    with replace(daybook, jobs=old_jobs).driver() as up:
        yield up


@pytest.fixture(scope="module")
def lake(daybook: Daybook, old_jobs: Path, first_release: Driver) -> dict[str, str]:
    """Three days as the first release left them."""
    own = daybook.own_lake("upgrade")
    for job in SPARK_JOBS:
        succeeds(first_release.run(job, *RANGE, **own))
    succeeds(replace(daybook, jobs=old_jobs).load(*RANGE, **own))
    return own


@pytest.fixture(scope="module")
def as_found(daybook: Daybook, lake: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """Gold of the first release, before anything of ours ran."""
    return gold(daybook, lake, DAYS[:3], tmp_path_factory.mktemp("old"), OLD_COLUMNS)


@pytest.fixture(scope="module")
def next_night(daybook: Daybook, driver: Driver, lake: dict[str, str], as_found: Rows) -> dict[str, str]:
    """What each job of the night after the upgrade printed."""
    printed = {job: succeeds(driver.run(job, "--ds", NIGHT, **lake)) for job in SPARK_JOBS}
    printed["load_duckdb"] = succeeds(daybook.load("--ds", NIGHT, **lake))
    printed["verify"] = succeeds(daybook.verify("--ds", NIGHT, **lake))
    return printed


@pytest.fixture(scope="module")
def remade(daybook: Daybook, driver: Driver, lake: dict[str, str], next_night: dict[str, str]) -> list[str]:
    """History, made again by the commands of the guide; returns the jobs that were run."""
    block = GUIDE.read_text().partition("## Make history again")[2].partition("\n\n    ")[2].partition("\n\n")[0]
    jobs = []
    for line in block.splitlines():
        _, job, *arguments = shlex.split(line.replace("FIRST", str(DAYS[0])).replace("LAST", str(DAYS[-1])))
        jobs.append(Path(job).stem)
        run = daybook.load if jobs[-1] == "load_duckdb" else lambda *a, **c: driver.run(jobs[-1], *a, **c)
        succeeds(run(*arguments, **lake))
    return jobs


def rows(daybook: Daybook, batch: Batch, folder: Path, rejected: bool = False, columns: str = "*") -> Counter[Any]:
    """The rows of a table-day, in no order."""
    live = manifest.read(daybook.store, batch)
    assert live, f"{batch} is published"
    entry = live.manifest.tables[batch.name]
    files = [file.name for file in (entry.rejected_files if rejected else entry.files)]
    if not files:
        return Counter()
    for number, name in enumerate(files):
        daybook.store.download(name, str(folder / f"{number}.parquet"))
    paths = [str(folder / f"{n}.parquet") for n in range(len(files))]
    found = duckdb.sql(f"SELECT {columns} FROM read_parquet({paths})").fetchall()
    return Counter(tuple(str(value) for value in row) for row in found)


def gold(daybook: Daybook, own: dict[str, str], days: list[date], folder: Path, columns: Mapping[str, str]) -> Rows:
    """The rows of each day of the tables, in these columns."""
    batches = [daybook.batch("gold", table, day, **own) for table in columns for day in days]
    return {(of.name, of.day): rows(daybook, of, folder, columns=columns[of.name]) for of in batches}


def warehouse(own: dict[str, str], query: str) -> list[Any]:
    with duckdb.connect(own["DUCKDB_PATH"], read_only=True) as db:
        return db.execute(query).fetchall()


def test_the_next_night_is_green_and_makes_stale_silver_again_by_itself(next_night: dict[str, str]) -> None:
    again = re.findall(r"silver (\w+) +(\S+)  made again", next_night["silver"])
    assert Counter(again) == Counter((t.name, str(day)) for t in SOURCE_TABLES for day in DAYS[:3])
    assert "skipped gold" not in next_night["gold"], "nothing of the reach was left stale"
    assert re.search(r"verified 2025-03-04: \d+ manifests", next_night["verify"])


def test_history_made_again_by_the_guide_is_that_of_a_fresh_lake(
    daybook: Daybook, proof: Proof, lake: dict[str, str], remade: list[str], tmp_path: Path
) -> None:
    assert remade == ["silver", "gold", "load_duckdb"]
    fresh = {"DAYBOOK_SILVER": daybook.lake.silver, "DAYBOOK_GOLD": daybook.lake.gold,
             "DUCKDB_PATH": str(daybook.warehouse)}  # fmt: skip
    for table in SOURCE_TABLES:
        for day in DAYS[:3]:
            ours, theirs = (daybook.batch("silver", table.name, day, **own) for own in (lake, fresh))
            for rejected in (False, True):
                found, expected = (rows(daybook, batch, tmp_path, rejected) for batch in (ours, theirs))
                assert found == expected, ours
    whole = {table.name: "*" for table in FIGURE_TABLES}
    assert gold(daybook, lake, DAYS[:3], tmp_path, whole) == gold(daybook, fresh, DAYS[:3], tmp_path, whole)
    for name in (ACTIVITY, IMPACT):
        query = f"FROM {name} ORDER BY ALL"
        assert warehouse(lake, query) == warehouse(fresh, query)


def test_the_file_keeps_the_history_of_the_loads_before(lake: dict[str, str], remade: list[str]) -> None:
    loads = warehouse(lake, "SELECT DISTINCT loaded_at FROM load_history ORDER BY 1")
    assert len(loads) >= 2
    oldest = warehouse(lake, "SELECT count(*), count(*) FILTER (is_current) FROM load_history"
                             " WHERE loaded_at = (SELECT min(loaded_at) FROM load_history)")  # fmt: skip
    assert oldest == [(6, 0)], "two tables and three days, all replaced since"


def test_figures_that_the_new_meaning_does_not_touch_stay_as_they_were(
    daybook: Daybook, as_found: Rows, lake: dict[str, str], remade: list[str], tmp_path: Path
) -> None:
    now = gold(daybook, lake, DAYS[:3], tmp_path, OLD_COLUMNS)
    for day in DAYS[:2]:  # the third has a neighbour now
        # All but money: the first release had no rate for one of the currencies.
        before, after = (Counter(row[:-1] for row in gold[ACTIVITY, day]) for gold in (as_found, now))
        assert before - after == Counter(), "nobody's visits, time or messages have changed"
        assert {row[2:] for row in after - before} <= {("0", "0", "0")}, "who did nothing but buy in that currency"
    old, new = as_found[IMPACT, DAYS[0]], now[IMPACT, DAYS[0]]
    resent = duckdb.sql(f"""SELECT count(*) - count(DISTINCT (user_id, notification_id)) FROM
        read_parquet({_files(daybook, lake, tmp_path)}) WHERE notification_time::DATE = '{DAYS[0]}'""").fetchone()
    assert resent and resent[0] > 0, "notifications were sent again"
    assert (new.total() - old.total(), (old - new).total()) == (resent[0], 0), "one row more for each, none changed"


def _files(daybook: Daybook, lake: dict[str, str], folder: Path) -> list[str]:
    rows(daybook, daybook.batch("silver", "user_notifications", DAYS[0], **lake), folder)
    return [str(path) for path in folder.glob("*.parquet")]


@pytest.mark.parametrize("job", ["silver", "gold", "load_duckdb"])
def test_the_first_release_refuses_what_this_one_wrote_in_one_line(
    daybook: Daybook, old_jobs: Path, first_release: Driver, lake: dict[str, str], remade: list[str], job: str
) -> None:
    if job == "load_duckdb":
        ended = replace(daybook, jobs=old_jobs).load("--ds", NIGHT, **lake)
    else:
        ended = first_release.run(job, "--ds", NIGHT, **lake)
    assert ended.code == 3, ended.output
    assert re.search(
        r"failed \(exit 3\): s3a://\S+/_MANIFEST\.json: manifest format 4, this version reads 1"
        r" -- next: use the version of Daybook that wrote it, or a later one$",
        ended.last_line,
    )
    assert "Traceback" not in ended.output
