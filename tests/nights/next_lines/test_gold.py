"""What a line says of gold that is not there, or that may not be made, helps."""

from datetime import date
from pathlib import Path

import duckdb

from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from tests.kit.broken import Broken
from tests.kit.harness import Daybook
from tests.kit.sources import succeeds
from tests.kit.typed import BEFORE, DAY, OF_DAY, Typist, command_in, next_of

ACTIVITY = GLOBAL_USER_ACTIVITY_PER_DAY.name


def test_where_nothing_is_published_the_operator_makes_gold_of_a_day_and_the_same_load_ends_well(
    typist: Typist, daybook: Daybook, tmp_path: Path
) -> None:
    path = tmp_path / "first.duckdb"
    own = {"DAYBOOK_GOLD": daybook.own_lake("next_lines_first")["DAYBOOK_GOLD"], "DUCKDB_PATH": str(path)}
    failed = typist.run("load_duckdb", "--rebuild", **own)
    said = next_of(failed.last_line)
    assert (failed.code, said) == (1, "spark-submit jobs/gold.py --ds YYYY-MM-DD"), failed.output
    succeeds(typist.type(said.replace("YYYY-MM-DD", DAY), **own))
    succeeds(typist.run("load_duckdb", "--rebuild", **own))
    with duckdb.connect(str(path), read_only=True) as warehouse:
        found = warehouse.execute("SELECT DISTINCT date FROM user_activity_per_day").fetchall()
    assert (date.fromisoformat(DAY),) in found


def test_silver_whose_bronze_has_changed_since_is_made_again_by_the_line_of_gold(
    typist: Typist, daybook: Daybook, broken: Broken
) -> None:
    own = {"DAYBOOK_GOLD": daybook.own_lake("next_lines_changed")["DAYBOOK_GOLD"]}
    broken.edit("bronze", "user_purchases", lambda raw: None)  # the same words, written anew
    assert typist.follow("gold", *OF_DAY, **own) == [f"spark-submit jobs/silver.py --ds {DAY}"]
    typist.follow("verify", *OF_DAY)


def test_a_broken_manifest_of_the_day_before_is_mended_in_gold_and_in_the_file_by_the_line_of_a_load(
    typist: Typist, broken: Broken
) -> None:
    broken.write("gold", ACTIVITY, b"<html>", day=BEFORE)
    told = typist.run("load_duckdb", *OF_DAY)
    succeeds(told)
    [said] = [next_of(line) for line in told.output.splitlines() if f"{BEFORE} is left out: " in line]
    assert said.startswith("if nobody can restore it, delete it, then "), said
    broken.lose_manifest("gold", ACTIVITY, day=BEFORE)
    succeeds(typist.type(command_in(said)))
    succeeds(typist.run("verify", "--ds", BEFORE))
