"""The contracts, held to the design and to themselves."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.gold_model import GoldColumn
from daybook.contracts.model import Column, ContractDeclarationError, Rule, SourceTable, Window
from daybook.contracts.users import USERS

JOBS = Path(__file__).parents[2] / "jobs"


def test_contracts_import_nothing_but_the_standard_library() -> None:
    code = "import sys, daybook.contracts; print({'pyspark', 'boto3', 'psycopg2', 'duckdb'} & sys.modules.keys())"
    found = subprocess.run([sys.executable, "-c", code], cwd=JOBS, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_password_is_in_no_contract() -> None:
    assert "password" not in USERS.column_names
    assert USERS.never_read == ("password",)
    assert not [t.name for t in SOURCE_TABLES for c in t.columns if "password" in c.name]


@pytest.mark.parametrize("table", SOURCE_TABLES, ids=lambda t: t.name)
def test_what_a_table_is_windowed_or_ordered_by_is_required(table: SourceTable) -> None:
    times = {table.latest_by, table.window.column if table.window else None} - {None, "modified_at"}
    assert all(table.column(name).required for name in times)


def test_the_gold_days_a_silver_day_feeds_are_those_of_the_design() -> None:
    assert {t.name: t.affected_days for t in GOLD_TABLES} == {
        "global_user_activity_per_day": (-1, 0, 1),
        "global_notif_impact_per_day": (-2, -1, 0, 1),
    }


def test_every_source_column_of_kind_uuid_says_what_it_identifies() -> None:
    kinds = {c.id_kind for t in SOURCE_TABLES for c in t.columns if c.type == "uuid"}
    assert kinds == {
        "user", "group", "activity", "notification", "notification-state", "message", "purchase", "session",
    }  # fmt: skip


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Column("a", "text", "no such type"),
        lambda: Column("a", "string", ""),
        lambda: Column("a", "uuid", "without a kind"),
        lambda: Column("a", "string", "with a kind", id_kind="user"),
        lambda: Column("a", "string", "cleaned how?", clean="lower"),
        lambda: GoldColumn("a", "decimal", "no such type"),
        lambda: Rule("Bad Reason", "true"),
        lambda: replace(USERS, key=("nothing",)),
        lambda: replace(USERS, latest_by="nothing"),
        lambda: replace(USERS, window=Window("nothing")),
        lambda: replace(USERS, key=("first_name",)),
        lambda: replace(USERS, columns=(*USERS.columns, USERS.columns[0])),
        lambda: replace(USERS, grain="Users."),
        lambda: replace(USERS, rules=(Rule("rate:none", "{rate} > 0"),)),
    ],
)
def test_a_contradiction_fails_when_it_is_declared(declare: Callable[[], object]) -> None:
    with pytest.raises(ContractDeclarationError):
        declare()


def test_purchases_alone_depend_on_the_rates_of_the_day() -> None:
    assert [table.name for table in SOURCE_TABLES if table.uses_rates] == ["user_purchases"]


def test_an_unknown_option_fails_when_it_is_declared() -> None:
    with pytest.raises(TypeError):
        Column("a", "string", "d", requierd=True)
