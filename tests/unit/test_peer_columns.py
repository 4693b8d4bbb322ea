"""The benchmark's peers make the figures of the contracts, no more and no fewer: no server and no pandas is needed."""

import ast
from datetime import date
from pathlib import Path

import duckdb
import pytest

from benchmarks.peers import duckdb_gold, duckdb_gold_queries
from daybook.contracts import SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from toolchain import places

DAY = date(2025, 3, 1)
PANDAS_GOLD = places.ROOT / "benchmarks" / "peers" / "pandas_gold.py"


def no_difference(peer: str, table: GoldTable, found: dict[str, str]) -> None:
    """The peer knows each column of the contract and no other; `found` has their types, where they are known."""
    expected = {column.name: column.type_in.parquet for column in table.columns}
    lacking = [f"{peer} lacks {table.name}.{name}" for name in expected.keys() - found.keys()]
    unknown = [f"{peer} makes {table.name}.{name}, which is no column" for name in found.keys() - expected.keys()]
    types = {name: type_ for name, type_ in found.items() if type_ and name in expected}
    other = [f"{peer} makes {table.name}.{n} as {type_}" for n, type_ in types.items() if type_ != expected[n]]
    wrong = sorted(lacking + unknown + other)
    assert not wrong, "; ".join(wrong)


@pytest.mark.parametrize("table", duckdb_gold.MADE, ids=lambda table: table.name)
def test_duckdb_makes_the_columns_of_the_contract_in_their_types(table: GoldTable) -> None:
    with duckdb.connect() as db:
        for source in SOURCE_TABLES:
            columns = ", ".join(f'"{column.name}" {column.type_in.parquet}' for column in source.columns)
            db.execute(f'CREATE TABLE "{source.name}" ({columns})')
        db.execute(f"CREATE TABLE gaps AS {duckdb_gold.filled(duckdb_gold_queries.GAPS, DAY)}")
        made = db.execute(f"DESCRIBE {duckdb_gold.filled(duckdb_gold.MADE[table], DAY)}").fetchall()
    no_difference("DuckDB", table, {name: type_ for name, type_, *_ in made})


def test_pandas_makes_the_columns_of_the_contract() -> None:
    """As its source says: pandas is in an environment that only the benchmark makes."""
    found = frames(PANDAS_GOLD)
    assert found.keys() == {table.name for table in duckdb_gold.MADE}
    for table in duckdb_gold.MADE:
        no_difference("pandas", table, dict.fromkeys(found[table.name], ""))


def frames(path: Path) -> dict[str, list[str]]:
    """The columns of each table: `made` returns frames by name, and each is a `DataFrame` of a dictionary."""
    functions = {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
    calls = {key: node for key, node in entries(functions["made"]) if isinstance(node, ast.Call)}
    return {table: [name for name, _ in entries(functions[ast.unparse(call.func)])] for table, call in calls.items()}


def entries(function: ast.FunctionDef) -> list[tuple[str, ast.expr]]:
    """What is in the dictionary that a function returns, or the frame that it makes of one."""
    returned = function.body[-1]
    assert isinstance(returned, ast.Return), function.name
    value = returned.value.args[0] if isinstance(returned.value, ast.Call) else returned.value
    assert isinstance(value, ast.Dict), function.name
    return [(str(ast.literal_eval(key)), of) for key, of in zip(value.keys, value.values, strict=True) if key]
