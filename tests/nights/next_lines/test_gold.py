"""What a line says of gold that is not there, or that may not be made, helps."""

from datetime import date
from pathlib import Path

import duckdb

from tests.kit.broken import Broken
from tests.kit.harness import Daybook
from tests.kit.sources import succeeds
from tests.kit.typed import DAY, OF_DAY, Typist, next_of


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
