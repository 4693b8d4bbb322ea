"""What `verify`, a job or a warning says of a damaged lake or file helps: each command is typed as it stands.

The table of all lines, with the test that typed each or did what it asks of a person, is `kit/next_lines.tsv`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from daybook import days
from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.lake import manifest
from daybook.lake.paths import Layer
from tests.kit import other_clock
from tests.kit.broken import Broken
from tests.kit.errors import put
from tests.kit.sources import succeeds
from tests.kit.typed import BEFORE, DAY, OF_DAY, Typist, command_in, next_of

ACTIVITY, LEDGER = "global_user_activity_per_day", "source_ledger_per_day"
POSTGRES, CASSANDRA, SILVER, GOLD, AGAIN = (
    f"spark-submit jobs/{job}.py --ds {DAY}"
    for job in ("extract_postgres", "extract_cassandra", "silver", "gold", "day")
)
LOAD = f"python jobs/load_duckdb.py --ds {DAY}"
REBUILD = "python jobs/load_duckdb.py --rebuild"


def bronze_manifests(lake: Broken) -> None:
    lake.lose_manifest("bronze", "users", "user_purchases")


def not_ended(lake: Broken) -> None:
    def incomplete(raw: dict[str, Any]) -> None:
        raw["complete"] = False

    for name in ("users", *(table.name for table in SOURCE_TABLES if table.source == "cassandra")):
        lake.edit("bronze", name, incomplete)
    for table in SOURCE_TABLES:
        lake.edit("silver", table.name, incomplete)


FAULTS: dict[str, tuple[Callable[[Broken], None], list[str]]] = {
    "bronze's manifests are gone": (bronze_manifests, [POSTGRES, SILVER, CASSANDRA, SILVER, GOLD, LOAD]),
    "silver's manifests are gone": (
        lambda lake: lake.lose_manifest("silver", "users", "user_purchases"), [SILVER, GOLD, LOAD]),
    "gold's manifests are gone": (
        lambda lake: lake.lose_manifest("gold", *(table.name for table in GOLD_TABLES)), [GOLD, LOAD]),
    "the ledger's manifest is gone": (lambda lake: lake.lose_manifest("gold", LEDGER), [GOLD, LOAD]),
    "a file of PostgreSQL's bronze is gone": (
        lambda lake: lake.lose_file("bronze", "groups"), [f"{POSTGRES} --table groups --refresh", SILVER, GOLD, LOAD]),
    "a file of Cassandra's bronze is gone": (
        lambda lake: lake.lose_file("bronze", "user_purchases"),
        [f"{CASSANDRA} --table user_purchases --refresh", SILVER, GOLD, LOAD]),
    "a file of silver is gone": (
        lambda lake: lake.lose_file("silver", "user_purchases"),
        [f"{SILVER} --table user_purchases --force", GOLD, LOAD]),
    "a file of gold is gone": (
        lambda lake: lake.lose_file("gold", ACTIVITY), [f"{GOLD} --table {ACTIVITY} --force", LOAD]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_verify_says_of_a_broken_day_mends_it(typist: Typist, broken: Broken, fault: str) -> None:
    damage, lines = FAULTS[fault]
    damage(broken)
    assert typist.follow("verify", *OF_DAY) == lines


def test_a_day_read_before_its_end_is_read_again_by_the_line_of_verify_when_it_has_ended(
    typist: Typist, broken: Broken
) -> None:
    not_ended(broken)
    again, that_day = f"{AGAIN} && {LOAD}", str((date.fromisoformat(DAY) - days.today()).days)
    plain = replace(typist.drivers[1], jobs=Path(other_clock.__file__).parent)
    early = plain.run("other_clock", that_day, "0", "verify", *OF_DAY, "--allow-incomplete", **typist.settings)
    assert (early.code, next_of(early.last_line)) == (1, f"when the day has ended: {again}"), early.output
    assert typist.follow("verify", *OF_DAY) == [again]


def test_a_warehouse_file_that_is_gone_is_begun_by_the_line_of_verify_and_made_whole_by_that_of_the_load(
    typist: Typist,
) -> None:
    path = Path(typist.settings["DUCKDB_PATH"])
    path.unlink()
    assert typist.follow("verify", *OF_DAY) == [LOAD]
    succeeds(typist.run("verify", "--ds", BEFORE))
    path.write_text("not a database")
    lines = typist.follow("load_duckdb", *OF_DAY)
    assert lines == [REBUILD]
    assert typist.follow("verify", "--from", BEFORE, "--to", DAY) == []


def test_a_day_in_the_file_whose_gold_is_gone_is_warned_of_with_what_makes_it_again(
    typist: Typist, broken: Broken
) -> None:
    broken.lose_manifest("gold", *(table.name for table in GOLD_TABLES), day=BEFORE)
    ended = typist.run("load_duckdb", *OF_DAY)
    succeeds(ended)
    [line] = [line for line in ended.output.splitlines() if "gold lost its manifest" in line]
    command = next_of(line)
    assert command == f"spark-submit jobs/gold.py --ds {BEFORE} && python jobs/load_duckdb.py --ds {BEFORE}"
    succeeds(typist.type(command))
    succeeds(typist.run("verify", "--ds", BEFORE))
    assert typist.follow("verify", *OF_DAY) == []


@pytest.mark.parametrize(
    ("layer", "name", "job", "command"),
    [
        ("bronze", "user_purchases", "silver", CASSANDRA),
        ("silver", "user_purchases", "gold", SILVER),
        ("gold", ACTIVITY, "load_duckdb", GOLD),
    ],
)
def test_what_is_no_manifest_is_deleted_by_a_person_and_made_again_by_the_line(
    typist: Typist, broken: Broken, layer: Layer, name: str, job: str, command: str
) -> None:
    broken.write(layer, name, b"<html>")
    said = next_of(typist.run(job, *OF_DAY).last_line)
    assert said == f"if nobody can restore it, delete it, then {command}"
    broken.lose_manifest(layer, name)
    succeeds(typist.type(command_in(said)))
    typist.follow("verify", *OF_DAY)


def test_a_manifest_of_another_day_is_deleted_by_a_person_and_made_again_by_the_line(
    typist: Typist, broken: Broken
) -> None:
    other = typist.daybook.store.get(broken.batch("gold", ACTIVITY, BEFORE).manifest)
    assert other
    broken.write("gold", ACTIVITY, other.body)
    said = next_of(typist.run("load_duckdb", *OF_DAY).last_line)
    assert said == f"set DAYBOOK_GOLD to the place of gold; if it is, restore it, or delete it and {GOLD}"
    broken.lose_manifest("gold", ACTIVITY)
    succeeds(typist.type(command_in(said)))
    assert typist.follow("verify", *OF_DAY) == [LOAD]


def test_an_older_state_of_gold_that_was_put_back_on_purpose_is_loaded_by_the_line(
    typist: Typist, broken: Broken
) -> None:
    old = broken.objects("gold", ACTIVITY)
    succeeds(typist.run("gold", *OF_DAY, "--force"))
    succeeds(typist.run("load_duckdb", *OF_DAY))
    broken.put_back(old)
    assert typist.follow("load_duckdb", *OF_DAY) == [REBUILD]
    assert typist.follow("verify", *OF_DAY) == []


def test_silver_under_another_setting_is_made_again_by_the_line_of_gold(typist: Typist) -> None:
    limit = {"DAYBOOK_AMOUNT_LIMIT": "1000"}
    stale = f"spark-submit jobs/silver.py --ds {BEFORE}"  # the first that gold of the day reads
    assert typist.follow("gold", *OF_DAY, **limit) == [stale]
    assert typist.follow("gold", *OF_DAY) == [stale]
    typist.follow("verify", *OF_DAY)


def test_rows_of_silver_that_cannot_be_read_are_made_again_by_the_line_of_gold(typist: Typist, broken: Broken) -> None:
    def one_more(raw: dict[str, Any]) -> None:
        raw["tables"]["user_purchases"]["rows"] += 1

    broken.edit("silver", "user_purchases", one_more)
    [line] = typist.follow("gold", *OF_DAY)
    assert line.startswith("spark-submit jobs/silver.py --") and line.endswith(" --table user_purchases --force")
    typist.follow("verify", *OF_DAY)


def test_gold_that_is_not_what_its_manifest_says_is_made_again_by_the_line_of_the_load(
    typist: Typist, broken: Broken
) -> None:
    def other_sum(raw: dict[str, Any]) -> None:
        raw["tables"][ACTIVITY]["ledger"]["messages"] += 1

    broken.edit("gold", ACTIVITY, other_sum)
    assert typist.follow("load_duckdb", *OF_DAY) == [f"{GOLD} --force"]
    assert typist.follow("verify", *OF_DAY) == []


def test_bronze_that_lacks_a_column_is_read_again_by_the_line_of_silver(typist: Typist, broken: Broken) -> None:
    def older(raw: dict[str, Any]) -> None:
        del raw["tables"]["user_purchases"]["schema"]["currency"]

    broken.edit("bronze", "user_purchases", older)
    assert typist.follow("silver", *OF_DAY) == [f"{CASSANDRA} --refresh"]
    typist.follow("verify", *OF_DAY)


def test_bronze_that_is_not_the_csv_published_is_read_again_by_the_line_of_silver(
    typist: Typist, broken: Broken
) -> None:
    live = manifest.read(typist.daybook.store, broken.batch("bronze", "groups"))
    assert live
    [file] = live.manifest.tables["groups"].files
    stored = typist.daybook.store.get(file.name)
    assert stored
    put(typist.daybook, file.name, b"no" + stored.body[2:])  # another header, of the same bytes
    assert typist.follow("silver", *OF_DAY, "--table", "groups", "--force") == [f"{POSTGRES} --table groups --refresh"]
    typist.follow("verify", *OF_DAY)


def test_a_day_out_of_the_ordinary_is_loaded_by_the_line_once_somebody_has_looked(
    typist: Typist, broken: Broken, tmp_path: Path
) -> None:
    def old_rates(raw: dict[str, Any]) -> None:
        raw["origin"]["valid_from"] = dict.fromkeys(raw["origin"]["valid_from"], "2025-01-01")

    as_it_was = broken.objects("gold", ACTIVITY)
    broken.edit("gold", ACTIVITY, old_rates)
    own = {"DUCKDB_PATH": f"{tmp_path}/odd.duckdb", "DAYBOOK_LIMIT_ACTION": "stop"}
    lines = typist.follow("load_duckdb", *OF_DAY, **own)
    assert lines == [f"DAYBOOK_LIMIT_ACTION=warn python jobs/load_duckdb.py --ds {DAY}"]
    broken.put_back(as_it_was)


def test_a_rates_file_of_the_older_form_is_mended_by_the_line(typist: Typist, tmp_path: Path) -> None:
    rates = tmp_path / "older rates.csv"
    rates.write_text("currency,valid_from,rate\nUSD,2025-01-01,0.96\n")
    [line] = typist.follow("silver", *OF_DAY, "--table", "groups", DAYBOOK_EXCHANGE_RATES=str(rates))
    assert line.startswith("sed ") and rates.read_text() == "currency,base,valid_from,rate\nUSD,EUR,2025-01-01,0.96\n"
