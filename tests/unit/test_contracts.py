"""The contracts, held to the design and to themselves."""

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from daybook.contracts import SOURCE_TABLES, checks, gold_checks, registry_checks, source_checks, types
from daybook.contracts.checks import ContractDeclarationError
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.contracts.gold_model import GoldColumn, GoldTable, Sum
from daybook.contracts.model import Column, Rule, SourceTable, Window
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.users import USERS
from daybook.settings import YOUNGER, meaning
from tests.kit.warehouse import TABLES as TOYS

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
    times = {table.latest_by, table.window.column if table.window else None} - {"modified_at"}
    assert all(table.column(name).required for name in times if name)


def test_which_gold_days_a_silver_day_feeds_and_which_are_read_for_them_follows_from_reads() -> None:
    day, one = date(2025, 3, 10), timedelta(days=1)
    table = replace(ACTIVITY, reads={"user_session_events": (-1, 0, 2), "group_messages": (0,)})
    assert table.days_made_for([day]) == [day - 2 * one, day, day + one]
    assert table.days_made_for([day, day + one]) == [day + n * one for n in (-2, -1, 0, 1, 2)]
    assert table.days_read("user_session_events", [day]) == [day - one, day, day + 2 * one]
    assert table.days_read("group_messages", [day, day + one]) == [day, day + one]
    assert table.reach([day]) == [day + n * one for n in range(-3, 4)]


def test_every_kind_of_id_is_one_of_a_column() -> None:
    assert {c.id_kind for t in SOURCE_TABLES for c in t.columns if c.type == "uuid"} == set(source_checks.ID_KINDS)


Tables = tuple[Sequence[SourceTable], Sequence[GoldTable]]


def of_users(**changes: Any) -> Tables:
    return [replace(USERS, **changes)], []


def with_column(*arguments: Any, **named: Any) -> Tables:
    return of_users(columns=(*USERS.columns, Column(*arguments, **named)))


def of_purchases(**changes: Any) -> Tables:
    return [replace(USER_PURCHASES, **changes)], []


def of_gold(**changes: Any) -> Tables:
    return SOURCE_TABLES, [replace(ACTIVITY, **changes)]


def with_gold_column(*arguments: Any) -> Tables:
    return of_gold(columns=(*ACTIVITY.columns, GoldColumn(*arguments)))


GOLD = ACTIVITY.name
COLUMNS = f"one of {USERS.column_names}"
NONSENSE = [
    (with_column("a", "text", "x"), f"users: column a: type 'text'; one of {types.OF_SOURCES}"),
    (with_column("a", "string", ""), "users: column a: no description; say what it means"),
    (with_column("a", "uuid", "x"), "users: column a: id_kind None; a uuid, and only a uuid, has one of"),
    (with_column("a", "string", "x", id_kind="user"), "users: column a: id_kind 'user'; a uuid, and only a uuid, has"),
    (with_column("a", "string", "x", clean="lower"), "users: column a: clean 'lower' of a string; a string is cleaned"),
    (with_column("a", "timestamp", "x", clean="trim"), "users: column a: clean 'trim' of a timestamp; a string is"),
    (with_column("a", "string", "x", may_be_future=True),
     "users: column a: a string that may be in the future; only a timestamp may"),
    (with_column("reasons", "string", "x"), "users: column reasons: a name that silver uses itself; take another"),
    (with_column("A b", "string", "x"), "users: name: 'A b'; small letters, digits and _, a letter first"),
    (with_column("email", "string", "x"), "users: columns: 'email' 2 times; each once"),
    (of_users(columns=()), "users: columns: none; a table has some"),
    (of_users(name="Users"), "Users: name: 'Users'; small letters, digits and _, a letter first"),
    (of_users(grain="Users."), "users: grain: 'Users.'; it starts with 'One row per '"),
    (of_users(source="mysql"), "users: source: 'mysql'; one of ('postgres', 'cassandra')"),
    (of_users(key=()), "users: key: (); some columns, each once"),
    (of_users(key=("nothing",)), "users: key: 'nothing'; a column that is required"),
    (of_users(key=("first_name",)), "users: key: 'first_name'; a column that is required"),
    (of_users(latest_by="nothing"), "users: latest_by: 'nothing'; a column that is a timestamp"),
    (of_users(latest_by="email"), "users: latest_by: 'email'; a column that is a timestamp"),
    (of_users(window=Window("email")), "users: window: 'email'; a column that is a timestamp, and required"),
    (of_users(window=Window("updated_at", days_back=-1)), "users: window: -1 days back; 0 or more"),
    (of_purchases(window=None), "user_purchases: window: none; a Cassandra table is read by day"),
    (of_users(max_rejected_share=5.0), "users: max_rejected_share: 5.0; a share is between 0 and 1"),
    (of_users(meaning_version=0), "users: meaning_version: 0; 1, and one more with each change of meaning"),
    (of_users(never_read=("email",)), "users: never_read: 'email' is a column; what is never read is not among the"),
    (of_users(rules=(Rule("Bad Reason", "true"),)), "users: rules: the reason 'Bad Reason'; words, or column:words"),
    (of_users(rules=(Rule("mail:odd", "email IS NOT NULL"),)), "users: rules: the reason 'mail:odd' of no column; one"),
    (of_users(rules=(Rule("odd", "mail LIKE '% x %'"),)), f"users: rules: odd speaks of 'mail'; {COLUMNS}"),
    (of_users(rules=(Rule("email:missing", "email > ''"),)), "users: rules: the reason 'email:missing' 2 times; each"),
    (of_users(rules=(Rule("odd", "email > {limit}"),)), "users: rules: odd asks for {limit}; one of ['amount_limit',"),
    (of_users(rules=(Rule("odd", "{rate} > 0"),)),
     "users: rules: one asks for a rate; rates need a column 'currency'"),
    (with_gold_column("a", "decimal", "x"), f"{GOLD}: column a: type 'decimal'; one of {types.OF_GOLD}"),
    (with_gold_column("a", "int", ""), f"{GOLD}: column a: no description; say what it means"),
    (with_gold_column("total_spend_time_seconds", "int", "x"),
     f"{GOLD}: column total_spend_time_seconds: the view adds one of that name; take another"),
    (with_gold_column("a", "int", "x"), f"{GOLD}: column a: in no line of sums or never; its sum, or what it never"),
    (with_gold_column("day", "date", "x"), f"{GOLD}: columns: 2 dates (date, day); one column says which day"),
    (of_gold(reads={}), f"{GOLD}: reads: nothing; name the silver tables that it is made from"),
    (of_gold(reads={"users": (-1,)}), f"{GOLD}: reads: users not for the day itself; day 0 of each is read"),
    (of_gold(reads={"users": (1, 0)}), f"{GOLD}: reads: users for (1, 0); each day once, in order"),
    (of_gold(settings=("DAYBOOK_GAP",)), f"{GOLD}: settings: there is no 'DAYBOOK_GAP'; one of"),
    (of_gold(name="global_user_activity"),
     "global_user_activity: name: 'global_user_activity'; gold is made day by day: it ends with _per_day"),
    (of_gold(sums={}), f"{GOLD}: sums: none; every day is published with its proof"),
    (of_gold(never={}), f"{GOLD}: never: none; every day is published with its proof"),
    (of_gold(sums={"messages": Sum("sum(total_message)")}),
     f"{GOLD}: sums: messages speaks of 'total_message'; one of {ACTIVITY.column_names}"),
    (of_gold(sums={"users": Sum("count(*)")}), f"{GOLD}: sums: users speaks of no column; some of"),
    (of_gold(never={"negative": "visits < 0"}), f"{GOLD}: never: negative speaks of 'visits'; one of"),
    (of_gold(never={"Less than 0": "total_money_spend < 0"}), f"{GOLD}: never: the line 'Less than 0'; a name"),
    (of_gold(sums={"silver_money": Sum("sum(total_money_spend)")}), f"{GOLD}: sums: the line 'silver_money'; a name"),
    (of_gold(never={"money": "total_money_spend < 0"}), f"{GOLD}: ledger: the line 'money' 2 times; each once"),
    (of_gold(sums={"rows": Sum("sum(total_money_spend)")}), f"{GOLD}: ledger: the line 'rows' 2 times; each once"),
    (of_gold(tallies=("messages",)), f"{GOLD}: ledger: the line 'messages' 2 times; each once"),
    (of_gold(rows_are="money"), f"{GOLD}: ledger: the line 'money' 2 times; each once"),
    (([USERS], [ACTIVITY]),
     f"{GOLD}: reads: there is no source table 'group_messages'; one of ['users']"),
    (([USERS, USERS], []), "users: name: borne by two tables or views; take another"),
    ((SOURCE_TABLES, [ACTIVITY, replace(ACTIVITY, name="user_activity_per_day")]),
     "user_activity_per_day: name: borne by two tables or views; take another"),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "line"), NONSENSE, ids=lambda value: value if isinstance(value, str) else "")
def test_a_contradiction_is_refused_with_table_field_and_what_is_right(tables: Tables, line: str) -> None:
    with pytest.raises(ContractDeclarationError) as refused:
        registry_checks.check(*tables)
    assert str(refused.value).startswith(line)


@pytest.mark.parametrize("table", ["users", "user_purchases", "global_user_activity_per_day", "rejected_rows_per_day"])
def test_a_wrong_contract_fails_at_import(table: str, tmp_path: Path) -> None:
    shutil.copytree(JOBS / "daybook" / "contracts", tmp_path / "daybook" / "contracts")
    shutil.copytree(JOBS / "daybook" / "days", tmp_path / "daybook" / "days")
    contract = tmp_path / "daybook" / "contracts" / f"{table}.py"
    contract.write_text(contract.read_text().replace('grain="One row per', 'grain="A row per'))
    ended = subprocess.run(
        [sys.executable, "-c", "import daybook.contracts"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.stderr.splitlines()[-1].startswith(
        f"daybook.contracts.checks.ContractDeclarationError: {table}: grain: 'A row per"
    )


RIGHT = [
    "email is not null and not (email like '% of nobody' or email in ('a', 'b'))",
    "Email IS NOT NULL AND NOT (EMAIL LIKE '% of nobody' OR email IN ('a', 'b'))",
    "updated_at >= created_at and created_at >= timestamp '2000-01-01 00:00:00Z'",
    "updated_at - created_at < interval '1' day or created_at < DATE '2000-01-01' + INTERVAL 5 DAYS",
    "case when length(trim(email)) between 3 and 99 then true else email is distinct from 'none' end",
    "cast(email as string) rlike r'\\A[^@]+@[^@]+\\z' and email::date is null",
]


@pytest.mark.parametrize("rule", RIGHT)
def test_a_rule_may_be_written_in_small_letters_or_capitals(rule: str) -> None:
    registry_checks.check(*of_users(rules=(Rule("odd", rule),)))


@pytest.mark.parametrize("rule", RIGHT)
def test_a_column_that_the_table_does_not_have_is_refused_in_small_letters_and_in_capitals(rule: str) -> None:
    columns = sorted(set(re.findall("(?i:email|created_at|updated_at)", rule)))
    assert columns
    for column in columns:
        wrong = rule.replace(column, f"{column}x")
        with pytest.raises(ContractDeclarationError) as refused:
            registry_checks.check(*of_users(rules=(Rule("odd", wrong),)))
        assert str(refused.value).startswith(f"users: rules: odd speaks of '{column.lower()}x'; one of")


@pytest.mark.parametrize("table", TOYS, ids=lambda table: table.name)
def test_the_tables_that_tests_make_up_are_such_as_may_be(table: GoldTable) -> None:
    assert list(gold_checks.of_gold(table)) == []


def test_a_column_may_bear_a_name_that_sql_uses_too() -> None:
    columns = (*ACTIVITY.columns, GoldColumn("first", "int", "x"))
    sums, never = {**ACTIVITY.sums, "first": Sum("sum(first)")}, {**ACTIVITY.never, "odd": "first < 0"}
    registry_checks.check(*of_gold(columns=columns, sums=sums, never=never))


def test_a_view_never_bears_its_tables_name() -> None:
    assert ACTIVITY.view == "user_activity_per_day"
    assert replace(ACTIVITY, name="group_activity_per_day").view == "group_activity_per_day_seconds"


def test_the_settings_that_a_contract_may_name_are_those_that_change_a_meaning() -> None:
    assert {*meaning({}).of(checks.SETTINGS), *YOUNGER} == set(checks.SETTINGS)
    with pytest.raises(KeyError):
        meaning({}).of(("DAYBOOK_OTHER",))


def test_the_settings_of_a_source_table_follow_from_its_columns_and_rules() -> None:
    assert USERS.settings == ("DAYBOOK_DATE_ORDER", "DAYBOOK_ID_NAMESPACE")
    limited = replace(USERS, rules=(Rule("odd", "length(email) < {amount_limit}"),))
    assert limited.settings == ("DAYBOOK_AMOUNT_LIMIT", "DAYBOOK_DATE_ORDER", "DAYBOOK_ID_NAMESPACE")
    times = replace(USERS, columns=(USERS.column("updated_at"),), key=("updated_at",), rules=())
    ids = replace(USERS, columns=(USERS.column("id"),), latest_by=None, rules=())
    assert (times.settings, ids.settings) == (("DAYBOOK_DATE_ORDER",), ("DAYBOOK_ID_NAMESPACE",))
    assert {*USER_PURCHASES.settings} == {
        "DAYBOOK_ID_NAMESPACE", "DAYBOOK_AMOUNT_LIMIT", "DAYBOOK_RATE_MAX_AGE_DAYS", "DAYBOOK_REPORTING_CURRENCY",
        "DAYBOOK_DATE_ORDER",
    }  # fmt: skip


def test_what_is_in_the_reporting_currency_depends_on_the_rates_of_the_day_and_nothing_else_does() -> None:
    assert [table.name for table in SOURCE_TABLES if table.uses_rates] == ["user_purchases"]
    assert ACTIVITY.uses_rates and not replace(ACTIVITY, settings=("DAYBOOK_MAX_GAP_HOURS",)).uses_rates


def test_an_unknown_option_fails_when_it_is_declared() -> None:
    with pytest.raises(TypeError):
        Column("a", "string", "d", requierd=True)  # type: ignore[call-arg]
