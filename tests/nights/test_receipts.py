"""Receipts of real runs: what a load changed is told figure by figure, with the cause that there really was."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import FIGURE_TABLES
from local.accounts.cassandra import connect
from tests.kit.harness import FIRST, JOBS, Daybook, Driver, Ended
from toolchain import places

ACTIVITY, IMPACT = "global_user_activity_per_day", "global_notif_impact_per_day"
RATES = places.ROOT / "conf" / "exchange_rates.csv"
DAYS = [date(2025, 3, day) for day in (1, 2)]
BOTH = ("--from", str(DAYS[0]), "--to", str(DAYS[1]))


def ask(path: Path, query: str) -> list[Any]:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def changed_days(before: Path, after: Path) -> dict[tuple[str, date], tuple[int, int]]:
    """Table-days that both files hold and that differ: rows that went and that came, compared in Python."""
    found = {}
    for table in FIGURE_TABLES:
        day = table.column_names.index(table.day_column)
        old, new = (Counter(ask(path, f"FROM {table.name}")) for path in (before, after))
        for each in {row[day] for row in old} & {row[day] for row in new}:
            gone, came = ({row: n for row, n in rows.items() if row[day] == each} for rows in (old - new, new - old))
            if gone or came:
                found[table.name, each] = (sum(gone.values()), sum(came.values()))
    return found


# What happened before each load, and the causes that its receipts may name, for a table-day each.
CAUSES = {
    "first": set[tuple[str, ...]](),
    "neighbour": {("neighbour",)},
    "refreshed": {("refreshed",)},
    "rate": {("rate",)},
    "two at once": {("setting",), ("rate", "setting")},
    "forced": set(),
    "rule": {("rule",)},
}
FIGURES = {"neighbour": ACTIVITY, "refreshed": ACTIVITY, "rate": ACTIVITY, "two at once": IMPACT, "rule": ACTIVITY}


@pytest.fixture(scope="module")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The jobs as they would be if whoever did anything had visited once more, which is another meaning."""
    jobs = tmp_path_factory.mktemp("next_release") / "jobs"
    shutil.copytree(JOBS, jobs, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in (
        (f"contracts/{ACTIVITY}.py", r"meaning_version=\d+", "meaning_version=99"),
        ("transforms/user_activity.py", r'F\.col\("visits"\)\.cast', '(F.col("visits") + 1).cast'),
    ):
        changed, times = re.subn(old, new, (jobs / "daybook" / file).read_text())
        assert times == 1, file
        (jobs / "daybook" / file).write_text(changed)
    return jobs


@pytest.fixture(scope="module")
def files(
    daybook: Daybook, driver: Driver, next_release: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The warehouse after each load of a lake of its own, by what had happened before it."""
    folder = tmp_path_factory.mktemp("receipts")
    live, rates = folder / "live.duckdb", folder / "rates.csv"
    rates.write_text(RATES.read_text())
    own = daybook.own_lake("receipts")
    own |= {"DUCKDB_PATH": str(live), "DAYBOOK_FIRST_DAY": FIRST, "DAYBOOK_EXCHANGE_RATES": str(rates)}
    other = {"DAYBOOK_ATTRIBUTION_HOURS": "1", "DAYBOOK_MAX_GAP_HOURS": "1"}
    kept: dict[str, Path] = {}

    def load(name: str, made: Ended, days: Sequence[str] = BOTH) -> None:
        assert made.code == 0, made.output
        loaded = daybook.load(*days, **own)
        assert loaded.code == 0, loaded.output
        kept[name] = folder / f"{name}.duckdb"
        shutil.copy(live, kept[name])

    first = ("--ds", FIRST)
    load("first", driver.run("day", *first, **own), first)
    load("neighbour", driver.run("day", *BOTH, **own))
    with purchase(daybook):
        load("refreshed", driver.run("day", *BOTH, "--refresh", **own))
    rates.write_text(with_dollars_at("0.50"))
    load("rate", driver.run("day", *BOTH, **own))
    rates.write_text(with_dollars_at("0.75"))
    load("two at once", driver.run("day", *BOTH, **own, **other))
    load("forced", driver.run("gold", *BOTH, "--force", **own, **other))
    load("rule", replace(daybook, jobs=next_release).submit("gold", *BOTH, **own, **other))
    return kept


def with_dollars_at(rate: str) -> str:
    """The exchange rates with another one for the second day."""
    changed, times = re.subn(rf"(?<=\nUSD,EUR,{DAYS[1]},).*", rate, RATES.read_text())
    assert times == 1
    return changed


@contextmanager
def purchase(daybook: Daybook) -> Iterator[None]:
    """One purchase more in the source, of the second day."""
    admin = daybook.stack.settings("admin")
    table, whose = f"{admin['CASSANDRA_KEYSPACE']}.user_purchases", "0f8fad5b-d9cb-469f-a165-70867728950e"
    with connect(admin) as server:
        server.execute(
            f"INSERT INTO {table} (user_id, purchase_time, purchase_id, product_type, amount, currency)"
            f" VALUES ({whose}, '{DAYS[1]} 12:00:00Z', {whose}, 'gift', 12.34, 'EUR')"
        )
        yield
        server.execute(f"DELETE FROM {table} WHERE user_id = {whose}")


@pytest.mark.parametrize(("earlier", "load"), list(pairwise(CAUSES)))
def test_a_receipt_is_given_for_just_the_days_that_changed_with_their_causes(
    files: dict[str, Path], earlier: str, load: str
) -> None:
    told = ask(
        files[load],
        "SELECT table_name, date, causes, rows_removed, rows_added, before, change, after FROM restatements"
        " WHERE loaded_at = (SELECT max(loaded_at) FROM load_history)",
    )
    changed = changed_days(files[earlier], files[load])
    assert {(table, day): (removed, added) for table, day, _, removed, added, *_ in told} == changed
    assert {tuple(causes) for _, _, causes, *_ in told} == CAUSES[load]
    assert all(before + change == after for *_, before, change, after in told)
    assert load == "forced" or FIGURES[load] in {table for table, _ in changed}, "the same again is no restatement"


def test_a_first_load_gives_none_and_a_later_one_says_what_was_final(files: dict[str, Path]) -> None:
    assert ask(files["first"], "FROM restatements") == []
    query = f"SELECT date, was_final FROM restatements WHERE table_name = '{ACTIVITY}' AND 'setting' IN causes"
    assert dict(ask(files["two at once"], query)) == dict(zip(DAYS, (True, False), strict=True))
