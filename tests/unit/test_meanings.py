"""Whoever makes a table by a setting has it in the table's lineage: else it could change, and old days would stay."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from daybook import contracts
from daybook.contracts.checks import SETTINGS
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.meanings import MEANINGS, YOUNGER, Meaning
from daybook.contracts.model import Rule
from daybook.contracts.setting import Setting
from daybook.settings import meaning

PACKAGE = Path(__file__).parents[2] / "jobs" / "daybook"
# The field of each setting, and what is asked of `Meaning` in its place.
BY_FIELD = {setting.field: setting.name for setting in MEANINGS} | {"month_first": "DAYBOOK_DATE_ORDER"}
LINEAGE: dict[str, set[str]] = {
    **{table.name: {*table.settings} for table in contracts.SOURCE_TABLES},
    **{table.name: {*table.settings} for table in contracts.GOLD_TABLES},
}
SILVER = sorted((PACKAGE / "steps").glob("silver*.py"))
DECLARING = ("contracts", "settings")
# What the rates are read by: they enter a lineage themselves, day by day.
OF_RATES = {"DAYBOOK_REPORTING_CURRENCY", "DAYBOOK_RATE_MAX_AGE_DAYS"}


def asked_by(path: Path) -> set[str]:
    """The settings that a file asks for, whatever it calls the `Meaning` that it asks."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return {BY_FIELD[node.attr] for node in nodes if isinstance(node, ast.Attribute) and node.attr in BY_FIELD}


@pytest.mark.parametrize("table", contracts.GOLD_TABLES, ids=lambda table: table.name)
def test_a_gold_table_names_each_setting_that_its_module_asks_for(table: GoldTable) -> None:
    asked = asked_by(PACKAGE / "gold" / f"{table.name}.py")
    assert asked <= LINEAGE[table.name], "name it in `settings` of the contract"


@pytest.mark.parametrize("path", SILVER, ids=lambda path: path.stem)
def test_a_setting_that_silver_is_typed_or_judged_by_is_in_the_lineage_of_source_tables(path: Path) -> None:
    lineage = set().union(*(LINEAGE[table.name] for table in contracts.SOURCE_TABLES))
    assert asked_by(path) <= lineage, "add it to `settings_of` in contracts/dependence.py"


def test_nobody_else_asks_for_a_setting_that_changes_a_meaning() -> None:
    seen = {path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in DECLARING}
    others = seen - {*SILVER} - {PACKAGE / "gold" / f"{table.name}.py" for table in contracts.GOLD_TABLES}
    assert {path.name: asked_by(path) for path in others if asked_by(path)} == {"context.py": OF_RATES}


def test_each_setting_that_changes_a_meaning_is_in_some_lineage() -> None:
    assert {*SETTINGS} - set().union(*LINEAGE.values()) == set(), "no table depends on it"


def test_each_is_a_field_of_the_meaning_that_tables_are_made_by() -> None:
    assert {field.name for field in fields(Meaning)} == {setting.field for setting in MEANINGS} | {"exchange_rates"}
    assert meaning({}).of(SETTINGS).keys() | YOUNGER.keys() == {*SETTINGS}


def test_the_lineage_of_a_source_table_is_of_all_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that every timestamp has, too."""
    table = next(table for table in contracts.SOURCE_TABLES if table.name == "users")
    of_time = (Rule("updated_at:too_old", "length(email) < {amount_limit}"),)
    monkeypatch.setattr("daybook.contracts.model._time_rules", lambda _: of_time)
    assert {*table.settings} == {"DAYBOOK_AMOUNT_LIMIT", "DAYBOOK_DATE_ORDER", "DAYBOOK_ID_NAMESPACE"}


@pytest.mark.parametrize(
    ("kind", "default", "text"),
    [("hours", "24", "1 day, 0:00:00"), ("words", "b, a", "A,B"), ("whole", "007", "7"), ("uuid", None, "None")],
)
def test_a_younger_setting_of_any_kind_is_told_as_a_lineage_tells_it(kind: str, default: str, text: str) -> None:
    from daybook.contracts.meanings import _text

    assert _text(Setting("DAYBOOK_X", "X.", kind, default).value(default)) == text  # type: ignore[arg-type]


def test_what_tables_were_made_from_until_now_they_still_are() -> None:
    """Text by text: a lineage that differs by a letter makes all days again."""
    every = {name: text for of in LINEAGE.values() for name, text in meaning({}).of(sorted(of)).items()}
    assert every == {
        "DAYBOOK_REPORTING_CURRENCY": "EUR",
        "DAYBOOK_RATE_MAX_AGE_DAYS": "45",
        "DAYBOOK_AMOUNT_LIMIT": "1000000",
        "DAYBOOK_MAX_GAP_HOURS": "1 day, 0:00:00",
        "DAYBOOK_ATTRIBUTION_HOURS": "1 day, 0:00:00",
        "DAYBOOK_SUCCESS_STATES": "CLICKED,OPENED,READ",
        "DAYBOOK_ID_NAMESPACE": "None",
    }
