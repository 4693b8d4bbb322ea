"""May the day be used? What a page's first lines say of every kind of night, and what they tell to do next."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.errors import RetryableError
from daybook.lake.paths import Batch
from daybook.page.facts import Facts, Price
from daybook.page.gather import gather
from tests.kit import page_scenes as scenes
from tests.kit.scene import DUE, LAKE, D, MemoryLake, Scene, ran

SILVER, LOAD = "spark-submit jobs/silver.py --ds 2025-03-01", "python jobs/load_duckdb.py --ds 2025-03-01"
AGAIN = f"spark-submit jobs/day.py --ds 2025-03-01 && {LOAD}"
PROOF = f"{14 + len(GOLD_TABLES)} manifests and the warehouse agree, and every ledger balances"


def told(scene: Scene) -> Facts:
    return gather(scene.store, LAKE, scene.path, D, DUE, scenes.PRICE)


@pytest.mark.parametrize(
    ("make", "missing", "then"),
    [
        (scenes.nothing_at_all, "silver notification_states 2025-03-01: there is no s3a://", SILVER),
        (scenes.silver_refused, "silver notification_states 2025-03-01: there is", SILVER),
        (scenes.not_loaded, "holds nothing of gold global_user", LOAD),
        (scenes.no_warehouse, "analytics.duckdb: there is no such file", LOAD),
        (scenes.incomplete, "silver notification_states 2025-03-01: read before the day had ended", AGAIN),
        (scenes.read_again, "bronze user_session_events 2025-03-01 has changed", SILVER),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_a_red_night_names_the_missing_link_and_the_next_command(
    make: Callable[[Path], Scene], missing: str, then: str, tmp_path: Path
) -> None:
    verdict = told(make(tmp_path / "night")).verdict
    assert (verdict.state, verdict.headline, verdict.proof) == ("red", "Do not use.", None)
    assert missing in verdict.reasons[0]
    assert (verdict.next or "").startswith(then)


@pytest.mark.parametrize(
    ("batch", "table", "again"),
    [
        (
            LAKE.bronze(SOURCE_TABLES[0], D),
            "users",
            "spark-submit jobs/extract_postgres.py --ds 2025-03-01 --table users --refresh",
        ),
        (LAKE.silver(SOURCE_TABLES[0], D), "users", f"{SILVER} --table users --force"),
        (
            LAKE.gold(GOLD_TABLES[0], D),
            GOLD_TABLES[0].name,
            f"spark-submit jobs/gold.py --ds 2025-03-01 --table {GOLD_TABLES[0].name} --force",
        ),
    ],
    ids=lambda value: getattr(value, "layer", None),
)
@pytest.mark.parametrize("left", [None, b"x"], ids=["gone", "cut"])
def test_a_day_of_whose_files_one_is_gone_is_red_though_every_manifest_is_there(
    batch: Batch, table: str, again: str, left: bytes | None, tmp_path: Path
) -> None:
    scene = scenes.ordinary(tmp_path / "night")
    name = batch.dataset(table).live_file("attempt", 0)
    promised = len(scene.store.objects.pop(name))
    scene.store.objects |= {name: left} if left else {}
    verdict = told(scene).verdict
    state = "has 1 bytes" if left else "is missing"
    assert (verdict.state, verdict.reasons[0]) == ("red", f"{name} {state}; its manifest promises {promised:,} bytes")
    assert verdict.next == f"restore it, or {again}"


def test_a_refused_table_that_feeds_no_figure_is_told_of_a_day_that_can_be_used(tmp_path: Path) -> None:
    facts = told(scenes.beside_refused(tmp_path / "night"))
    assert facts.verdict.state == "provisional"
    assert facts.verdict.reasons == ("activities: silver has none of the rows read (400); no figure needs them",)
    line = facts.ledger["activities"]
    assert (line.source, line.bronze, line.silver, line.rejected, line.share) == (400, 400, None, None, None)
    assert line.over_limit and all(other.balances for name, other in facts.ledger.items() if name != "activities")


@pytest.mark.parametrize("release", ["this", "an older"])
def test_half_a_day_in_the_file_is_named_beside_the_missing_link(release: str, tmp_path: Path) -> None:
    scene = scenes.half_a_day(tmp_path / "night")
    if release == "an older":  # whose view has no rows of what is missing
        with duckdb.connect(str(scene.path)) as db:
            columns = "table_name, ds AS date, true AS is_final, ds AS final_after, absent AS waiting_for, version"
            db.execute(f"CREATE OR REPLACE VIEW day_status AS SELECT {columns} FROM day_origins")
    facts = told(scene)
    assert facts.verdict.state == "red"
    assert facts.verdict.reasons[0].startswith("gold global_notif_impact_per_day 2025-03-01: there is no s3a://")
    assert facts.verdict.reasons[1] == "The file holds half of the day, without global_notif_impact_per_day"
    cells = {name: (cells[-1].state, cells[-1].words) for name, cells in facts.days.items()}
    assert cells["notif impact"] == ("missing", "not in the file")
    assert cells["file"] == ("missing", "half a day, without global_notif_impact_per_day")
    assert {"active_users", "sent"} & facts.figures.keys() == {"active_users"}


def test_a_provisional_day_says_after_which_run_it_is_final(tmp_path: Path) -> None:
    verdict = told(scenes.ordinary(tmp_path)).verdict
    assert (verdict.state, verdict.next, verdict.reasons) == ("provisional", "Final after the run for 3 March 2025", ())
    assert verdict.proof == PROOF


@pytest.mark.parametrize(
    ("offsets", "followers", "wait"),
    [
        ([1], False, "Final after the runs for 2 March 2025 and 3 March 2025"),
        ([1], True, "Final after the run for 2 March 2025"),
        ([-1], True, "Final after the run for 28 February 2025"),
        ([-1, 1], False, "Final after the runs for 28 February 2025 and 2 March 2025 and 3 March 2025"),
    ],
)
def test_a_day_around_it_that_had_not_ended_leaves_a_day_provisional_until_that_one_is_run_again(
    offsets: list[int], followers: bool, wait: str, tmp_path: Path
) -> None:
    days = tuple(D + timedelta(days=n) for n in offsets)
    verdict = told(Scene(tmp_path, has_followers=followers, incomplete=days).make()).verdict
    assert (verdict.state, verdict.headline, verdict.next) == ("provisional", "Usable, provisional.", wait)
    assert verdict.proof and verdict.proof.endswith("the warehouse agree, and every ledger balances")


def test_a_final_day_has_nothing_more_to_wait_for(tmp_path: Path) -> None:
    verdict = told(scenes.final(tmp_path)).verdict
    assert (verdict.state, verdict.headline, verdict.next) == ("final", "Usable and final.", None)


def test_a_hole_before_the_day_leaves_it_unknown_and_is_named(tmp_path: Path) -> None:
    verdict = told(scenes.hole(tmp_path)).verdict
    assert (verdict.state, verdict.next) == ("unknown", "Waits for 28 February 2025")


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "rejected": ({"rejected": {(D, "users", "email:missing"): 40}}, "users: 10.5 % of the rows were rejected"),
    "reason": ({"rejected": {(D, "activities", "title:odd"): 1}}, "activities: 1 rows rejected for title:odd"),
    "few rows": ({"rows_read": {(D, "group_messages"): 100}}, "group_messages: 98 rows, usual on this weekday are 398"),
    "no row": ({"rows_read": {(D, "group_messages"): 0}}, "group_messages: not a row, and no day before was without"),
    "old rates": ({"rate_days": 8}, "exchange rates: the newest is 8 days old"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named_in_the_first_lines_of_a_day_that_can_be_used(fault: str, tmp_path: Path) -> None:
    planted, sentence = FAULTS[fault]
    facts = told(Scene(tmp_path, **planted).make())
    assert facts.verdict.state == "provisional"
    assert facts.verdict.reasons[0].startswith(sentence)
    assert facts.warnings[0].startswith(sentence)


def test_a_step_that_took_more_than_twice_its_median_is_told_last(tmp_path: Path) -> None:
    scene = Scene(tmp_path, rate_days=8)
    scene.restated = scenes.three(scene)
    scenes.eight_nights(scene)
    facts = told(scene.make())
    restated, slow = "2 figures that had been final were restated", "gold: 60 s, usual are 20 s"
    assert facts.verdict.reasons == ("exchange rates: the newest is 8 days old", restated, slow)
    assert facts.warnings == ("exchange rates: the newest is 8 days old", slow)
    assert [(job, step.seconds, step.usual) for job, step in facts.cost.steps.items()] == [
        ("silver", 30, 34),
        ("gold", 60, 20),
    ]
    assert [night.seconds for night in facts.cost.nights][-2:] == [
        {"silver": 31, "gold": 20},
        {"silver": 30, "gold": 60},
    ]


def test_the_price_is_that_of_the_cpu_seconds_of_each_jobs_last_run_for_the_day(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    ran(scene, "silver", D, 30, 1)
    ran(scene, "silver", D, 5, 0, exit_code=3)
    ran(scene, "gold", D, 20, 0)
    ran(scene, "verify", D, 9, 0, cpu_seconds=None)
    scene.make()
    assert told(scene).cost.price == Price(0.025, "EUR", 50, 1.8)
    assert gather(scene.store, LAKE, scene.path, D, DUE).cost.price is None
    assert told(Scene(tmp_path / "no runs").make()).cost.price is None, "nobody knows what they took"


def test_of_fewer_than_seven_runs_before_none_is_slow(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for ago in range(7):
        ran(scene, "gold", D - timedelta(days=ago), 20 if ago else 600, ago)
    facts = told(scene.make())
    assert (facts.verdict.reasons, facts.cost.steps["gold"].usual) == ((), None)


@pytest.mark.parametrize(("took", "is_slow"), [(11, False), (12, True)])
def test_a_step_that_took_no_more_than_ten_seconds_more_is_not_slow(tmp_path: Path, took: int, is_slow: bool) -> None:
    scene = Scene(tmp_path)
    for ago in range(8):
        ran(scene, "verify", D - timedelta(days=ago), 1 if ago else took, ago)
    assert told(scene.make()).verdict.reasons == ((f"verify: {took} s, usual are 1 s",) if is_slow else ())


def test_a_run_that_failed_or_never_ended_is_told_as_that(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    ran(scene, "silver", D, 5, 0, exit_code=3)
    ran(scene, "gold", D, 5, 2, exit_code=None)
    ran(scene, "page", D, 5, 0, exit_code=None)  # is still at work
    steps = told(scene.make()).cost.steps
    assert {job: step.state for job, step in steps.items()} == {"silver": "failed", "gold": "killed"}


def test_of_many_warnings_the_three_worst_lead_a_missing_row_first(tmp_path: Path) -> None:
    rejected = {(D, "users", "email:missing"): 40, (D, "activities", "title:odd"): 30}
    scene = Scene(tmp_path, rejected=rejected, rows_read={(D, "group_messages"): 0}, rate_days=9).make()
    facts = told(scene)
    assert [reason.partition(":")[0] for reason in facts.verdict.reasons] == ["group_messages", "activities", "users"]
    assert len(facts.warnings) == 5


def test_restated_figures_that_had_been_final_lead_and_provisional_ones_are_counted(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.restated = scenes.three(scene)
    facts = told(scene.make())
    assert facts.verdict.reasons == ("2 figures that had been final were restated",)
    shown = [(str(each.day), each.figure, each.before, each.after, each.causes) for each in facts.changes.final]
    assert shown == [
        ("2025-02-27", "total_money_spend", 10.0, 9.99, ["refreshed"]),
        ("2025-02-26", "total_spend_time", 402.1, 404.9, ["refreshed"]),
    ]
    assert (facts.changes.provisional, facts.changes.more_final) == (1, 0)


def test_what_earlier_loads_have_restated_is_not_told_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.restated = [(row[0] - timedelta(1), *row[1:]) for row in scenes.three(scene)]
    facts = told(scene.make())
    assert (facts.changes.final, facts.changes.provisional, facts.verdict.reasons) == ((), 0, ())


def test_a_file_that_is_no_warehouse_or_no_database_is_a_red_night_too(tmp_path: Path) -> None:
    scene = scenes.no_warehouse(tmp_path)
    duckdb.connect(str(scene.path)).close()
    first = told(scene).verdict
    scene.path.write_text("not a database")
    second = told(scene).verdict
    assert (first.state, second.state) == ("red", "red")
    assert "not a Daybook warehouse" in first.reasons[0] and "not a valid DuckDB database" in second.reasons[0]


class AwayLake(MemoryLake):
    def get(self, uri: str) -> None:
        raise RetryableError("object store http://127.0.0.1:1: Could not connect")


def test_a_lake_that_is_away_is_red_and_the_page_still_says_what_the_file_knows(tmp_path: Path) -> None:
    scene = scenes.ordinary(tmp_path)
    scene.store = AwayLake()
    facts = told(scene)
    assert (facts.verdict.state, facts.verdict.reasons[0]) == (
        "red",
        "object store http://127.0.0.1:1: Could not connect",
    )
    assert facts.figures["active_users"].value and facts.ledger["users"].rejected == 5
    assert {cell.state for cell in facts.days["bronze"]} == {"unknown"}
