"""Two runs at the same moment: both end well, or one says why not; the data is right and nothing is left over."""

import csv
import io
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import GOLD_TABLES, POSTGRES_TABLES
from daybook.lake import live_files, manifest
from daybook.lake.paths import Batch, Layer
from daybook.warehouse import schema
from local.demo.proof import Proof
from tests.kit.harness import Daybook, Driver, Ended

pytestmark = pytest.mark.usefixtures("three_days")
MARCH = tuple(date(2025, 3, day) for day in (1, 2, 3))
ACTIVITY = "global_user_activity_per_day"
EXCUSES = ("lost the race to another run", "replaced while reading", "another load is at work")
Note = Callable[[str, object], None]


def rounds() -> range:
    """Two in every run of the tests, the first on nothing and the second on what is there; more when asked for."""
    return range(int(os.environ.get("DAYBOOK_RACE_ROUNDS", 2)))


@dataclass(frozen=True)
class Race:
    """Two drivers, and how often a pair of runs ended how."""

    one: Driver
    other: Driver
    outcomes: Counter[str]

    def run(self, job: str, arguments: str, others: str = "", **changes: str) -> tuple[Ended, Ended]:
        """Begin both at the same moment, wait for both, and see that whoever failed has an excuse."""
        self.one.begin(job, *arguments.split(), **changes)
        self.other.begin(job, *(others or arguments).split(), **changes)
        ended = self.one.end(), self.other.end()
        failed = [run for run in ended if run.code]
        for run in failed:
            assert run.code == 1 and any(excuse in run.last_line for excuse in EXCUSES), run.output
        assert len(failed) < 2, "one of them did it"
        assert not any("Traceback" in run.output for run in ended), ended
        self.outcomes["/".join(sorted(str(run.code) for run in ended))] += 1
        self.outcomes.update(run.last_line for run in failed)  # without its time
        return ended


@pytest.fixture
def race(driver: Driver, other_driver: Driver, record_property: Note) -> Iterable[Race]:
    outcomes = Counter[str]()
    yield Race(driver, other_driver, outcomes)
    record_property("outcomes", dict(outcomes))


def files(daybook: Daybook, batch: Batch, table: str, folder: Path) -> list[str]:
    """A table's files as the batch's manifest names them, brought here."""
    live = manifest.read(daybook.store, batch)
    assert live
    names = live_files.files_of(daybook.store, batch, live, table)
    paths = [str(folder / f"{batch.layer}-{table}-{batch.day}-{number}") for number in range(len(names))]
    for name, path in zip(names, paths, strict=True):
        daybook.store.download(name, path)
    return paths


def rows(daybook: Daybook, batch: Batch, table: str, folder: Path) -> list[Any]:
    """All rows of a table of a batch, in order."""
    paths = files(daybook, batch, table, folder)
    if batch.layer == "bronze":
        texts = (io.StringIO(Path(path).read_bytes().decode(), newline="") for path in paths)
        return sorted(tuple(row.items()) for text in texts for row in csv.DictReader(text))
    return duckdb.sql(f"FROM read_parquet({paths}) ORDER BY ALL").fetchall()


def version(daybook: Daybook, batch: Batch) -> int:
    live = manifest.read(daybook.store, batch)
    assert live
    return live.manifest.version


def test_postgres_is_extracted_twice_at_once(daybook: Daybook, race: Race, tmp_path: Path) -> None:
    lake = daybook.own_lake("race_postgres")
    own = daybook.batch("bronze", "users", MARCH[1], **lake)
    shared = daybook.batch("bronze", "users", own.day)
    alone = {table.name: rows(daybook, shared, table.name, tmp_path) for table in POSTGRES_TABLES}
    for number in rounds():
        ended = race.run("extract_postgres", f"--ds {own.day}" + " --refresh" * (number > 0), **lake)
        assert number or (version(daybook, own) == 1 and "already published" in ended[0].output + ended[1].output)
        assert {name: rows(daybook, own, name, tmp_path) for name in alone} == alone
        assert daybook.unnamed(own.root) == set()


@pytest.mark.parametrize(
    ("job", "layer", "again"), [("extract_cassandra", "bronze", " --refresh"), ("silver", "silver", " --force")]
)
def test_a_table_day_is_made_twice_at_once(
    daybook: Daybook, race: Race, tmp_path: Path, job: str, layer: Layer, again: str
) -> None:
    setting = f"DAYBOOK_{layer.upper()}"
    lake = {setting: daybook.own_lake(f"race_{layer}")[setting]}
    own = daybook.batch(layer, "user_purchases", MARCH[1], **lake)
    alone = rows(daybook, daybook.batch(layer, own.name, own.day), own.name, tmp_path)
    for number in rounds():
        ended = race.run(job, f"--ds {own.day} --table {own.name}" + again * (number > 0), **lake)
        assert number or (version(daybook, own) == 1 and "already published" in ended[0].output + ended[1].output)
        assert rows(daybook, own, own.name, tmp_path) == alone
        assert daybook.unnamed(own.root) == set()


@pytest.mark.always
def test_gold_is_made_twice_at_once(daybook: Daybook, race: Race, tmp_path: Path) -> None:
    """First of the same day, then of neighbouring ones, which make each other's days, too."""
    lake = {"DAYBOOK_GOLD": daybook.own_lake("race_gold")["DAYBOOK_GOLD"]}

    def gold(**lake: str) -> list[Any]:
        return [rows(daybook, daybook.batch("gold", ACTIVITY, day, **lake), ACTIVITY, tmp_path) for day in MARCH]

    alone = gold()
    for number in rounds():
        rest = f" --table {ACTIVITY}" + " --force" * (number > 0)
        race.run("gold", f"--ds {MARCH[1]}{rest}", f"--ds {MARCH[1 - number % 2]}{rest}", **lake)
        assert gold(**lake) == alone
        assert daybook.unnamed(lake["DAYBOOK_GOLD"]) == set()


def test_the_warehouse_is_loaded_twice_at_once(
    daybook: Daybook, proof: Proof, record_property: Note, tmp_path: Path
) -> None:
    path, outcomes, gold = Path(daybook.own_lake("race_load")["DUCKDB_PATH"]), Counter[str](), {}
    for table in GOLD_TABLES:
        batches = [daybook.batch("gold", table.name, day) for day in proof.days]
        paths = [file for batch in batches for file in files(daybook, batch, table.name, tmp_path)]
        query = f"SELECT {schema.from_parquet(table)} FROM read_parquet({paths}) ORDER BY ALL"
        gold[table.name] = duckdb.sql(query).fetchall()
    with daybook.loader() as one, daybook.loader() as other:
        for number in rounds():
            which = "--rebuild" if number else f"--from {proof.days[0]} --to {proof.days[-1]}"
            Race(one, other, outcomes).run("load_duckdb", which, DUCKDB_PATH=str(path))
            with duckdb.connect(str(path), read_only=True) as warehouse:
                loaded = {name: warehouse.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in gold}
            assert loaded == gold
            assert {found.name for found in path.parent.glob(f"{path.name}*")} == {path.name, f"{path.name}.lock"}
    record_property("outcomes", dict(outcomes))
