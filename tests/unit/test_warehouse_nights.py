"""Random nights: days that stop, loads that fail, tables that are missing, repairs; the file against a plain model.

The model knows days and versions alone: it judges a day by counting, one day after another, and builds no file.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from statistics import median

import pytest

from daybook import days
from daybook.errors import DataError, RetryableError
from tests.kit import warehouse as kit
from tests.kit.warehouse import ANNA, LETTERS, TABLES, VISITS, MemoryStore, ask, day, letter, visit

FIGURES = (VISITS, LETTERS)
LEDGER = "source_ledger_per_day"
ALL = {table.name for table in TABLES}
REACH = {VISITS: (-1, 0, 1), LETTERS: (-2, -1, 0)}  # the days of which a run makes the table
EVEN, MOST, FEW, NONE = 10, 21, 4, 0  # rows: as usual, too many, too few, and not one
BEFORE, NIGHTS = 14, 10
ORIGIN = {"inputs": {}, "own": {"settings": {}, "meaning_version": 1}, "forced": False}

Tables = dict[str, int]  # version by table


@dataclass
class World:
    """What is in silver, in gold, and, by the model, in the file; `clean` are the rows of each version of a ledger."""

    store: MemoryStore
    silver: dict[date, set[str]] = field(default_factory=dict)
    gold: dict[date, Tables] = field(default_factory=dict)
    file: dict[date, Tables] = field(default_factory=dict)
    clean: dict[tuple[date, int], int] = field(default_factory=dict)
    refused: set[tuple[date, int]] = field(default_factory=set)

    def publish(self, on: date, table: str, own: bool) -> None:
        """Another version of a table of figures, which its rows tell."""
        made = self.gold.setdefault(on, {})
        made[table] = version = made.get(table, 0) + 1
        row = visit(ANNA, on, visits=version) if table == VISITS else letter(ANNA, on, text=str(version))
        self.store.publish(table, on, [row], version, origin=ORIGIN | {"own_run": own})

    def run_gold(self, on: date, rows: int) -> None:
        """A run for a day: what its own silver allows of it, and the days around that have theirs."""
        for table, offsets in REACH.items():
            for made in days.around([on], offsets):
                if table in self.silver.get(made, ()):
                    self.publish(made, table, own=made == on or LEDGER in self.gold.get(made, {}))
        if self.silver[on] == set(FIGURES):
            made_anew = self.gold[on].get(LEDGER, 0) + 1
            self.gold[on] |= dict.fromkeys(ALL - set(FIGURES), made_anew)
            self.store.publish_ledgers(on, rows, made_anew)
            self.clean[on, made_anew] = rows

    def is_odd(self, on: date, rows: int) -> bool:
        """By the days before it in the file."""
        before = {d: self.clean[d, held[LEDGER]] for d, held in self.file.items() if d < on and LEDGER in held}
        before = {d: count for d, count in before.items() if (on - d).days <= 28}
        same = [count for d, count in before.items() if d.weekday() == on.weekday()]
        is_first_without = len(before) >= 7 and rows == 0 and min(before.values()) > 0
        return is_first_without or (len(same) >= 2 and not median(same) <= 2 * rows <= 4 * median(same))

    def load(self, asked: list[date], stop: bool) -> int:
        """The exit code of a load by the model, which does it."""
        lacking = [on for on in asked if self.gold.get(on, {}).keys() != ALL]
        reach = days.around(asked, range(-2, 2))
        asked = [on for on in asked if on not in lacking]
        if not asked:
            return 1
        before = {on: dict(held) for on, held in self.file.items()}
        stopped = set()
        for on in reach:
            made, held = self.gold.get(on, {}), self.file.get(on, {})
            news = {table: version for table, version in made.items() if held.get(table) != version}
            if made.keys() != ALL:
                news = {table: version for table, version in news.items() if table in held}
            is_own = LEDGER in news or bool(news.keys() - held.keys())
            if stop and is_own and self.is_odd(on, self.clean[on, made[LEDGER]]):
                stopped.add(on)
            elif news:
                self.file[on] = held | news
        if stopped >= set(asked):
            self.file = before
        return 3 if stopped & set(asked) else 1 if lacking else 0


def load(world: World, path: Path, asked: list[date], stop: bool, rebuild: bool = False) -> tuple[int, str]:
    """The exit code of the real load, and its last line."""
    try:
        kit.load(world.store, path, asked, stop=stop, rebuild=rebuild)
    except (DataError, RetryableError) as error:
        return error.exit_code, str(error)
    return 0, ""


def held(path: Path) -> dict[date, Tables]:
    """The versions of the table-days in the file."""
    found: dict[date, Tables] = {}
    for on, table, version in ask(path, "SELECT ds, table_name, manifest_version FROM load_history WHERE is_current"):
        found.setdefault(on, {})[table] = version
    return found


def rows(path: Path) -> set[tuple[str, date, int]]:
    """The versions of the figures in the file, as their rows tell them."""
    visits = f"SELECT '{VISITS}', date, visits FROM {VISITS}"
    return set(ask(path, f"{visits} UNION ALL SELECT '{LETTERS}', sent_on, text::INT FROM {LETTERS}"))


def lacking(file: dict[date, Tables]) -> set[tuple[date, str]]:
    """What a file that holds this must say that it lacks."""
    every = days.through(min(file), max(file))
    return {(on, table) for on in every for table in FIGURES if table not in file.get(on, {})}


def named(lines: Iterable[str]) -> set[date]:
    """The days that a load said to be out of the ordinary and left out."""
    told = [line.partition(" out of the ordinary, and ") for line in lines]
    return {
        date.fromisoformat(found)
        for who, _, what in told
        if what.startswith(("left out", "not loaded"))
        for found in re.findall(r"\d{4}-\d\d-\d\d", who)
    }


def night(world: World, random: Random, on: date) -> None:
    """Silver of the day, perhaps refused in part, and a gold run, perhaps one that crashes."""
    world.silver[on] = set(random.choice([FIGURES, FIGURES, FIGURES, FIGURES, (VISITS,), (LETTERS,)]))
    if random.random() < 0.8:
        world.run_gold(on, random.choice([EVEN] * 5 + [MOST, FEW, NONE]))


def repair(world: World, random: Random, on: date) -> None:
    """An earlier day is mended at its source, read again, or just run again."""
    earlier = random.choice([of for of in world.silver if on >= of >= days.shifted(on, -4)])
    world.silver[earlier] = set(FIGURES)
    world.run_gold(earlier, random.choice([EVEN, EVEN, EVEN, NONE]))


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """Even days that are loaded."""
    folder = tmp_path_factory.mktemp("fortnight")
    world, path = World(MemoryStore(folder)), folder / "analytics.duckdb"
    every = [day(number) for number in range(BEFORE)]
    for on in every:
        world.silver[on] = set(FIGURES)
        world.run_gold(on, EVEN)
    assert (load(world, path, every, True)[0], world.load(every, True)) == (0, 0)
    return world, path


@pytest.mark.parametrize("seed", range(12))
def test_after_every_load_the_file_is_that_of_the_model(
    seed: int, fortnight: tuple[World, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    random, old = Random(seed), fortnight[0]
    store = MemoryStore(tmp_path)
    store.objects = dict(old.store.objects)
    silver = {on: set(read) for on, read in old.silver.items()}
    gold, file = ({on: dict(made) for on, made in layer.items()} for layer in (old.gold, old.file))
    world = World(store, silver, gold, file, dict(old.clean))
    path = tmp_path / "analytics.duckdb"
    path.write_bytes(fortnight[1].read_bytes())
    for number in range(BEFORE, BEFORE + NIGHTS):
        on = day(number)
        night(world, random, on)
        loads = [[on]] if random.random() < 0.75 else []  # else it failed, or nobody tried
        if random.random() < 0.4:
            repair(world, random, on)
            first = random.randint(number - 3, number)
            loads.append(days.through(day(first), day(random.randint(first, number))))
        for asked in loads:
            a_load(world, path, asked, random.random() < 0.7, random.random() < 0.06, caplog)


def a_load(
    world: World, path: Path, asked: list[date], stop: bool, rebuild: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    code, line = load(world, path, [] if rebuild else asked, stop, rebuild)
    if rebuild:
        world.file = {on: dict(made) for on, made in world.gold.items()}
        assert code == 0, line
    else:
        assert code == world.load(asked, stop), line
    found = held(path)
    assert found == world.file
    assert rows(path) == {(table, on, found[on][table]) for on in found for table in FIGURES if table in found[on]}
    assert set(ask(path, "SELECT date, table_name FROM day_status WHERE NOT is_loaded")) == lacking(found)
    if code == 0 and not rebuild:
        assert all(found[on] == world.gold[on] for on in asked), "what was asked for is whole"
    # A day that was refused is in the file only after somebody has loaded it without `stop`, or made the file anew.
    now = {(on, tables[LEDGER]) for on, tables in found.items() if LEDGER in tables}
    if not stop or rebuild:
        world.refused -= now
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    world.refused |= {(on, world.gold[on][LEDGER]) for on in named([*warnings, line])}
    assert not world.refused & now
    assert stop or not named([*warnings, line])
