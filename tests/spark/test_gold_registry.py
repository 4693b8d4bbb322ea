"""Every gold table can be made and proven: what is missing is found at import, by whoever adds the table."""

import sys
from dataclasses import replace
from types import ModuleType

import pytest

from daybook import gold
from daybook.contracts import GOLD_TABLES
from daybook.contracts.checks import ContractDeclarationError

NEW = replace(GOLD_TABLES[0], name="nothing_per_day")


def test_a_table_without_a_module_is_refused() -> None:
    with pytest.raises(ContractDeclarationError) as refused:
        gold.maker_of(NEW)
    assert str(refused.value) == "nothing_per_day: gold: no rows; jobs/daybook/gold/nothing_per_day.py has them"


@pytest.mark.parametrize("lacking", ["rows", "proof"])
def test_a_table_without_rows_or_proof_is_refused(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("daybook.gold.nothing_per_day")
    module.__spec__ = gold.__spec__
    for part in {"rows", "proof"} - {lacking}:
        setattr(module, part, lambda silver, days: None)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(ContractDeclarationError, match=f"nothing_per_day: gold: no {lacking}; jobs"):
        gold.maker_of(NEW)


def test_all_are_looked_at_when_the_jobs_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daybook.contracts.GOLD_TABLES", (*GOLD_TABLES, NEW))
    monkeypatch.delitem(sys.modules, "daybook.gold")
    with pytest.raises(ContractDeclarationError, match="nothing_per_day"):
        __import__("daybook.gold")
