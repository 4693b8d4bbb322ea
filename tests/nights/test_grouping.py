"""Gold of a day is the same however days are grouped, in any order, in one process or many, also where silver lacks.

A random history of ten days, by the real job on real servers, against a reckoning in plain Python that takes each day
by itself.
"""

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.contracts.gold_model import GoldTable
from daybook.lake import manifest
from daybook.lake.paths import Batch
from tests.kit.gold import SOURCES
from tests.kit.harness import Daybook, Driver
from tests.kit.histories import RATES, RECKONED, TEN_DAYS, History, history
from tests.kit.published import publish_rows

SEED, USERS = 33, 120
MADE = [(table, day) for table in RECKONED for day in TEN_DAYS]


@pytest.fixture(scope="module")
def told() -> History:
    """A history in which each of the tables is missing somewhere."""
    drawn = history(SEED, USERS)
    assert len({name for name, _ in drawn.missing}) > 2, drawn.missing
    return drawn


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The rates of its currencies, for the jobs and for silver that is published here."""
    file = tmp_path_factory.mktemp("rates") / "rates.csv"
    lines = [f"{code},EUR,2025-02-01,{rate}" for code, rate in RATES.items() if code != "EUR"]
    file.write_text("\n".join(["currency,base,valid_from,rate", *lines]) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAYBOOK_EXCHANGE_RATES", str(file))
        yield {"DAYBOOK_EXCHANGE_RATES": str(file)}


def arrive(daybook: Daybook, told: History, day: date, own: dict[str, str], folder: Path) -> None:
    """Publish the silver of a day, as far as the history has it."""
    for name, rows in told.silver.items():
        if not told.has(name, day):
            continue
        columns = {column.name: column.type_in.parquet for column in SOURCES[name].columns}
        file = folder / f"{name}.json"
        of_day = [{column: row.get(column) for column in columns} for row in rows if row["ds"] == str(day)]
        file.write_text("".join(json.dumps(row) + "\n" for row in of_day))
        texts = json.dumps(dict.fromkeys(columns, "VARCHAR")).replace('"', "'")
        values = ", ".join(f"{column}::{type_} AS {column}" for column, type_ in columns.items())
        query = f"SELECT {values} FROM read_json('{file}', format = 'newline_delimited', columns = {texts})"
        publish_rows(daybook.store, daybook.batch("silver", name, day, **own), query, folder)


def make(process: Driver | Daybook, told: History, day: date, own: dict[str, str], passes: int = 31) -> None:
    """Run gold for a day, in passes of so many days: of the tables that have all of their own silver."""
    tables = [word for table in RECKONED if told.makes(table, day) for word in ("--table", table.name)]
    if tables:
        run = process.run if isinstance(process, Driver) else process.submit
        ended = run("gold", "--ds", str(day), *tables, DAYBOOK_PASS_DAYS=str(passes), **own)
        assert ended.code == 0, ended.output


def rows(daybook: Daybook, table: GoldTable, batch: Batch, folder: Path) -> list[tuple[Any, ...]] | None:
    """The rows of a gold table-day, as Python has them; None where there is none."""
    live = manifest.read(daybook.store, batch)
    if live is None:
        return None
    found: list[tuple[Any, ...]] = []
    for number, file in enumerate(live.manifest.tables[table.name].files):
        daybook.store.download(file.name, f"{folder}/{number}.parquet")
        with duckdb.connect() as db:
            found += db.execute(f"SELECT {_values(table)} FROM '{folder}/{number}.parquet'").fetchall()
    return sorted(found, key=repr)


def _values(table: GoldTable) -> str:
    return ", ".join(f"to_microseconds({c.name})" if c.type == "duration" else c.name for c in table.columns)


def test_a_history_gives_the_gold_of_each_day_reckoned_by_itself_in_any_grouping_and_order(
    daybook: Daybook, driver: Driver, told: History, rates: dict[str, str], tmp_path: Path
) -> None:
    drawn = random.Random(SEED)
    lakes = {name: daybook.own_lake(f"grouped_{name}") | rates for name in ("arriving", "alone", "together")}
    for day in drawn.sample(TEN_DAYS, len(TEN_DAYS)):  # in any order, each night its gold
        arrive(daybook, told, day, lakes["arriving"], tmp_path)
        make(driver, told, day, lakes["arriving"], passes=2)
    for number, day in enumerate(drawn.sample(TEN_DAYS, len(TEN_DAYS))):
        # in a process of its own now and then; of a night that lacked a table the days around it are made here
        make(daybook if number % 5 == 4 else driver, told, day, lakes["arriving"])
    silver = {"DAYBOOK_SILVER": lakes["arriving"]["DAYBOOK_SILVER"]}
    for name, passes in (("alone", 1), ("together", 31)):
        for day in TEN_DAYS:  # each makes the days around it, too
            make(driver, told, day, lakes[name] | silver, passes)
    for name, own in lakes.items():
        for table, day in MADE:
            found = rows(daybook, table, daybook.batch("gold", table.name, day, **own), tmp_path)
            expected = told.expected(table, day) if told.makes(table, day) else None
            assert found == expected, (name, table.name, day)
    activity = [row for day in TEN_DAYS for row in told.expected(ACTIVITY, day)]
    time_spent = ACTIVITY.column_names.index("total_spend_time")
    assert max(row[time_spent] for row in activity) > timedelta(0), "time was counted"
