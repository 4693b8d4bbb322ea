"""Gold is what the expected files of the worked cases say, silver proves it, and the contract names its settings."""

from typing import Any

import duckdb
import pytest

from daybook import contracts
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.meanings import MEANINGS
from daybook.gold import MAKERS
from daybook.proof import gold_ledger
from daybook.warehouse import schema
from tests.kit.cases import CASES, EXPECTED, NAMES, expected_of, read_case, together


@pytest.fixture(scope="module")
def computed(gold_of: Any) -> dict[str, list[Any]]:
    """All gold tables of all cases, computed together."""
    result: dict[str, list[Any]] = gold_of(*together())
    return result


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, computed: dict[str, list[Any]]) -> None:
    """Exactly the rows of the expected files, on all days."""
    case = read_case(CASES / name)
    for file in case.keys() & EXPECTED.keys():
        table = EXPECTED[file]
        [id_, *_] = (column.name for column in table.columns if column.type == "uuid")
        rows = [row.asDict() for row in computed[table.name] if row[id_].startswith(f"{name}/")]
        found = [tuple(_plain(name, cell) for cell in row.values()) for row in rows]
        expected = [expected_of(table, row) for row in case[file]]
        assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_each_day_by_itself_is_what_it_is_among_the_others(gold_of: Any, computed: dict[str, list[Any]]) -> None:
    """A day reads its own silver days and no others, however many days are made together."""
    silver, days, rates = together()
    alone: dict[str, list[Any]] = {name: [] for name in computed}
    for day in days:
        for name, rows in gold_of(silver, [day], rates).items():
            alone[name] += rows
    assert {name: sorted(rows, key=repr) for name, rows in alone.items()} == {
        name: sorted(rows, key=repr) for name, rows in computed.items()
    }


@pytest.mark.parametrize("table", contracts.FIGURE_TABLES, ids=lambda table: table.name)
def test_silver_proves_every_day_of_the_cases(table: GoldTable, make_silver: Any) -> None:
    """The proof gives again, by queries of its own, some of what DuckDB counts in the rows; nothing impossible."""
    silver, days, rates = together()
    given = make_silver(silver, table, rates)
    computed = MAKERS[table.name].rows(given, days).collect()
    proofs = MAKERS[table.name].proof(given, days)
    assert list(proofs) == days
    assert {line for proof in proofs.values() for line, value in proof.items() if value}, "something is proven"
    with duckdb.connect() as db:
        db.execute(f"CREATE TABLE gold AS {schema.no_rows(table).replace('UUID', 'VARCHAR')}")
        db.executemany(f"INSERT INTO gold VALUES ({', '.join('?' for _ in table.columns)})", computed)
        figures = ", ".join([*table.figures.values(), "count(*)"])
        for day in days:
            counted = db.execute(f"SELECT {figures} FROM gold WHERE {table.day_column} = ?", [day]).fetchone() or ()
            seen = dict(zip([*table.figures, "rows"], counted, strict=True)) | given.tallies(day)
            gold_ledger.audit(table, day, gold_ledger.drawn_up(table, seen, {}, proofs[day]))


@pytest.mark.parametrize("table", contracts.FIGURE_TABLES, ids=lambda table: table.name)
def test_a_table_names_the_settings_that_it_is_made_by(table: GoldTable, make_silver: Any) -> None:
    """One that it does not name could change, and its days would stay."""
    _, days, rates = together()
    given = make_silver({}, table, rates)
    MAKERS[table.name].rows(given, days[:1])
    MAKERS[table.name].proof(given, days[:1])
    assert given.asked <= {setting.field for setting in MEANINGS}
    assert {setting.name for setting in MEANINGS if setting.field in given.asked} == set(table.settings)


def test_there_are_cases() -> None:
    """An empty folder of cases would pass in silence."""
    assert len(NAMES) >= 17, "the definitions alone come with 17 worked cases"


def _plain(name: str, cell: Any) -> Any:
    return cell.removeprefix(f"{name}/") if isinstance(cell, str) else cell
