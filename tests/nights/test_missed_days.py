"""Days that a load stopped at, or never came to, and days of which gold lacks a table: what the next nights bring."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import duckdb
import pytest

from daybook.contracts import FIGURE_TABLES, GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.notification_states import NOTIFICATION_STATES
from tests.kit.harness import Daybook, Driver, Ended
from tests.kit.own_sources import Sources, good_row, own_sources
from tests.kit.sources import succeeds

DAYS = [date(2024, 10, 1) + timedelta(days=n) for n in range(11)]
WEEK, ODD, NEXT, HALF, LAST = DAYS[:7], *DAYS[7:]
ALL = sorted(table.name for table in GOLD_TABLES)
NEVER_EMPTY = {"global_user_activity_per_day", "global_notif_impact_per_day", "source_ledger_per_day"}
FIGURES = sorted(table.name for table in FIGURE_TABLES)
ODDITY = "group_messages: not a row, and no day before was without"
STOP, WARN = ({"DAYBOOK_LIMIT_ACTION": action} for action in ("stop", "warn"))


@dataclass(frozen=True)
class Nights:
    """The lake of this file's tests, and how its nights are run."""

    daybook: Daybook
    driver: Driver
    sources: Sources
    lake: dict[str, str]

    @property
    def file(self) -> Path:
        return Path(self.lake["DUCKDB_PATH"])

    def make(self, *days: str, **more: str) -> Ended:
        """All Spark jobs for days."""
        return self.driver.run("day", *days, **self.lake, **self.sources.settings, **more)

    def load(self, *days: str, **more: str) -> Ended:
        return self.daybook.load(*days, **self.lake | more)

    def another(self, name: str, file: Path) -> dict[str, str]:
        """Another warehouse of the same lake, as this file is now."""
        path = file.with_name(f"test_missed_days_{name}.duckdb")
        copy(file, path)
        return {"DUCKDB_PATH": str(path)}


@pytest.fixture(scope="module")
def nights(daybook: Daybook, driver: Driver) -> Iterator[Nights]:
    """A week that is loaded, and the sources of four more days.

    The first of them has no message, the third notification states that silver refuses.
    """
    with own_sources(daybook, "missed_days") as sources:
        for number, day in enumerate(DAYS, 1):
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            for table in SOURCE_TABLES:
                if (day, table.name) != (ODD, "group_messages"):
                    rows = [good_row(table, 100 * number + n, noon) for n in range(12)]
                    is_refused = (day, table) == (HALF, NOTIFICATION_STATES)
                    sources.insert(table, [row | {"status": None} for row in rows] if is_refused else rows)
        # every row has the state TEXT: a success state that never occurs would be out of the ordinary
        lake = daybook.own_lake("missed_days") | {"DAYBOOK_SUCCESS_STATES": "TEXT"}
        found = Nights(daybook, driver, sources, lake)
        week = ("--from", str(WEEK[0]), "--to", str(WEEK[-1]))
        succeeds(found.make(*week))
        succeeds(found.load(*week, **STOP))
        yield found


@pytest.fixture(scope="module")
def week(nights: Nights) -> Path:
    """A file that holds the week; gold has the day without messages and the next as well."""
    file = nights.another("week", nights.file)["DUCKDB_PATH"]
    for day in (ODD, NEXT):
        succeeds(nights.make("--ds", str(day)))
    return Path(file)


def ask(path: str | Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as db:
        return db.execute(query).fetchall()


def held(path: str | Path, day: date) -> list[str]:
    """The tables that the file has of a day: by its history, and by their rows where each has some on every day."""
    loaded = ask(path, f"SELECT table_name FROM load_history WHERE is_current AND ds = '{day}' ORDER BY 1")
    counts = {
        table.name: ask(path, f"SELECT count(*) FROM {table.name} WHERE {table.day_column} = '{day}'")[0][0]
        for table in GOLD_TABLES
    }
    names = [name for (name,) in loaded]
    with_rows = {name for name, count in counts.items() if count}
    assert with_rows <= set(names) and with_rows & NEVER_EMPTY == set(names) & NEVER_EMPTY
    return names


def lacking(path: str | Path) -> list[tuple[Any, ...]]:
    return ask(path, "SELECT date, table_name, waiting_for FROM day_status WHERE NOT is_loaded ORDER BY ALL")


def warnings(ended: Ended) -> list[str]:
    return [line.partition(" WARNING ")[2] for line in ended.output.splitlines() if " WARNING " in line]


def test_a_day_that_was_stopped_stays_out_until_somebody_loads_it(nights: Nights, week: Path) -> None:
    stopped = nights.load("--ds", str(ODD), **STOP)
    assert stopped.code == 3 and f"{ODD} is out of the ordinary, and not loaded: {ODDITY}" in stopped.last_line
    ended = nights.load("--ds", str(NEXT), **STOP)
    succeeds(ended)
    assert (held(nights.file, ODD), held(nights.file, NEXT)) == ([], ALL)
    anyway = f"DAYBOOK_LIMIT_ACTION=warn python jobs/load_duckdb.py --ds {ODD}"
    line = f"{ODD} is out of the ordinary, and left out: {ODDITY} -- next: look, and if it is right: {anyway}"
    assert warnings(ended) == [line]
    assert lacking(nights.file) == [(ODD, table, [ODD]) for table in FIGURES]
    succeeds(nights.daybook.verify("--ds", str(NEXT), **nights.lake))
    succeeds(nights.load("--ds", str(ODD), **WARN))
    assert (held(nights.file, ODD), lacking(nights.file)) == (ALL, [])
    succeeds(nights.daybook.verify("--ds", str(ODD), **nights.lake))


@pytest.mark.parametrize(("action", "brought", "told"), [(STOP, [], "left out"), (WARN, ALL, ODDITY)])
def test_a_day_whose_load_failed_is_judged_by_the_next_night(
    nights: Nights, week: Path, action: dict[str, str], brought: list[str], told: str
) -> None:
    own = nights.another(action["DAYBOOK_LIMIT_ACTION"], week)
    Path(own["DUCKDB_PATH"]).chmod(0o644)
    with duckdb.connect(own["DUCKDB_PATH"]):
        failed = nights.load("--ds", str(ODD), **own, **action)
    assert failed.code == 1 and "open for writing elsewhere" in failed.last_line, failed.output
    ended = nights.load("--ds", str(NEXT), **own, **action)
    succeeds(ended)
    [line] = warnings(ended)
    assert line.startswith(str(ODD)) and told in line
    assert (held(own["DUCKDB_PATH"], ODD), held(own["DUCKDB_PATH"], NEXT)) == (brought, ALL)


def test_a_day_of_which_silver_refused_a_table_comes_whole_once_it_is_repaired(nights: Nights, week: Path) -> None:
    own = nights.another("half", week)
    succeeds(nights.load("--from", str(ODD), "--to", str(NEXT), **own, **WARN))
    refused = nights.make("--ds", str(HALF))
    assert refused.code == 3 and f"notification_states {HALF}" in refused.last_line, refused.output
    succeeds(nights.make("--ds", str(LAST)))
    ended = nights.load("--ds", str(LAST), **own)
    succeeds(ended)
    assert (held(own["DUCKDB_PATH"], HALF), held(own["DUCKDB_PATH"], LAST)) == ([], ALL)
    then = f"spark-submit jobs/gold.py --ds {HALF} && python jobs/load_duckdb.py --ds {HALF}"
    missing = ", ".join(table.name for table in GOLD_TABLES if NOTIFICATION_STATES.name in table.reads)
    assert warnings(ended) == [f"{HALF} is left out: gold lacks {missing} -- next: {then}"]
    assert lacking(own["DUCKDB_PATH"]) == [(HALF, table, [HALF]) for table in FIGURES]
    unmended = nights.driver.run("gold", "--ds", str(HALF), **nights.lake)
    assert unmended.code == 1 and f"spark-submit jobs/silver.py --ds {HALF}" in unmended.last_line, unmended.output
    with nights.sources.server.cursor() as run:
        run.execute("UPDATE missed_days.notification_states SET status = 'READ' WHERE status IS NULL")
    succeeds(nights.make("--ds", str(HALF), "--refresh"))
    succeeds(nights.load("--ds", str(LAST), **own, **STOP))
    assert (held(own["DUCKDB_PATH"], HALF), lacking(own["DUCKDB_PATH"])) == (ALL, [])
    succeeds(nights.daybook.verify("--ds", str(HALF), **nights.lake | own))
