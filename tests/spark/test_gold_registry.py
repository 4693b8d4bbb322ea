"""Every gold table can be made and proven: what is missing is found at import, by whoever adds the table."""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any, NotRequired, TypedDict

import pytest

from daybook import gold
from daybook.contracts import GOLD_TABLES
from daybook.contracts.checks import ContractDeclarationError
from daybook.contracts.gold_model import Sum

NEW = replace(
    GOLD_TABLES[0],
    name="nothing_per_day",
    rows_are="users",
    tallies=("purchases",),
    sums={
        "messages": Sum("sum(total_message_send_this_day)"),
        "visits": Sum("sum(total_nbr_connexion)", proven="where_bronze_is"),
        "money": Sum("sum(total_money_spend)", proven="never"),
    },
)
HAS = "`Proven` in jobs/daybook/gold/nothing_per_day.py has"
SAYS = "or the contract's Sum says proven='never'"


class Proven(TypedDict):
    users: int
    purchases: int
    messages: int
    visits: NotRequired[int]


class NoRows(TypedDict):
    purchases: int
    messages: int
    visits: NotRequired[int]


class NoTally(TypedDict):
    users: int
    messages: int
    visits: NotRequired[int]


class NoSum(TypedDict):
    users: int
    purchases: int
    visits: NotRequired[int]


class Always(TypedDict):
    users: int
    purchases: int
    messages: int
    visits: int


class Unsure(TypedDict):
    users: int
    purchases: int
    messages: NotRequired[int]
    visits: NotRequired[int]


class More(Proven):
    money: int


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make the module of the new table, of these parts."""

    def make(**parts: Any) -> None:
        made = ModuleType("daybook.gold.nothing_per_day")
        made.__spec__ = gold.__spec__
        vars(made).update(parts)
        monkeypatch.setitem(sys.modules, made.__name__, made)

    return make


def nothing(silver: Any, days: Any) -> Any:
    """Rows, or a proof."""


def test_a_table_without_a_module_is_refused() -> None:
    with pytest.raises(ContractDeclarationError) as refused:
        gold.maker_of(NEW)
    assert str(refused.value) == "nothing_per_day: gold: no rows; jobs/daybook/gold/nothing_per_day.py has them"


@pytest.mark.parametrize("lacking", ["rows", "proof"])
def test_a_table_without_rows_or_proof_is_refused(lacking: str, module: Callable[..., None]) -> None:
    module(**dict.fromkeys({"rows", "proof"} - {lacking}, nothing), Proven=Proven)
    with pytest.raises(ContractDeclarationError, match=f"nothing_per_day: gold: no {lacking}; jobs"):
        gold.maker_of(NEW)


@pytest.mark.parametrize(
    ("proven", "line"),
    [
        (None, f"no 'users'; {HAS} it, and proof gives it, {SAYS}"),
        (NoRows, f"no 'users'; {HAS} it, and proof gives it, {SAYS}"),
        (NoTally, f"no 'purchases'; {HAS} it, and proof gives it, {SAYS}"),
        (NoSum, f"no 'messages'; {HAS} it, and proof gives it, {SAYS}"),
        (Unsure, f"no 'messages'; {HAS} it, and proof gives it, {SAYS}"),
        (Always, f"no 'visits'; {HAS} it as NotRequired, {SAYS}"),
        (More, f"'money', which the contract does not call proven; {HAS} not"),
    ],
)
def test_a_module_that_proves_other_lines_than_the_contract_declares_is_refused(
    proven: Any, line: str, module: Callable[..., None]
) -> None:
    module(rows=nothing, proof=nothing, Proven=proven)
    with pytest.raises(ContractDeclarationError) as refused:
        gold.maker_of(NEW)
    assert str(refused.value) == f"nothing_per_day: proof: {line}"


def test_a_module_that_proves_what_the_contract_declares_is_taken(module: Callable[..., None]) -> None:
    module(rows=nothing, proof=nothing, Proven=Proven)
    assert gold.maker_of(NEW).proof is nothing


def test_all_are_looked_at_when_the_jobs_are_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daybook.contracts.GOLD_TABLES", (*GOLD_TABLES, NEW))
    monkeypatch.delitem(sys.modules, "daybook.gold")
    with pytest.raises(ContractDeclarationError, match="nothing_per_day"):
        __import__("daybook.gold")
