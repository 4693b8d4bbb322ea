"""What a page says of numbers, refused rows, days and freshness, on files with planted days."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from daybook.contracts import FIGURE_TABLES, GOLD_TABLES, SOURCE_TABLES
from daybook.page import charts, files, formatting
from daybook.page.facts import Compared, Facts
from daybook.page.gather import gather
from tests.kit import page_scenes as scenes
from tests.kit.scene import DUE, LAKE, D, Scene
from tests.kit.warehouse import ask


def told(scene: Scene) -> Facts:
    return gather(scene.store, LAKE, scene.path, D, DUE)


def back(days: int) -> date:
    return D - timedelta(days=days)


def test_a_number_is_compared_with_yesterday_and_the_median_of_the_last_four_same_weekdays(tmp_path: Path) -> None:
    users = {back(0): 110, back(1): 88, back(7): 100, back(14): 400, back(21): 120, back(28): 100, back(35): 9999}
    figure = told(Scene(tmp_path, days=40, rows_of=users).make()).figures["active_users"]
    assert (figure.value, figure.yesterday, figure.usual) == (110, Compared(88, 0.25, 1), Compared(110, 0, 4))
    assert (figure.history[-1].low, figure.history[-1].high, len(figure.history)) == (100, 400, 30)


def test_a_share_is_compared_in_points(tmp_path: Path) -> None:
    rate = told(Scene(tmp_path, rows_of={back(0): 1, back(1): 10}).make()).figures["success_rate"]
    assert rate.value is not None and rate.yesterday.value is not None
    assert rate.yesterday.change == pytest.approx(rate.value - rate.yesterday.value)


def test_of_fewer_than_two_same_weekdays_there_is_no_median(tmp_path: Path) -> None:
    one, none = told(Scene(tmp_path / "8", days=8).make()), told(scenes.first_day(tmp_path / "1"))
    assert one.figures["hours"].usual == Compared(None, None, 1)
    assert none.figures["hours"].usual == Compared(None, None, 0) == none.figures["hours"].yesterday or (
        none.figures["hours"].yesterday == Compared(None, None, 1)
    )


def test_a_day_in_the_file_without_rows_has_zero_and_no_success_rate(tmp_path: Path) -> None:
    figures = told(scenes.no_rows(tmp_path)).figures
    values = {name: figure.value for name, figure in figures.items()}
    assert values == {"active_users": 0, "hours": 0, "messages": 0, "money": 0, "sent": 1, "success_rate": 1}


def test_money_bears_the_currency_that_it_was_reckoned_in(tmp_path: Path) -> None:
    assert told(scenes.ordinary(tmp_path)).figures["money"].unit == "EUR"


def test_a_refused_share_is_told_against_the_median_of_28_days_and_with_30_days(tmp_path: Path) -> None:
    often = {(back(n), "users", "email:missing"): 18 for n in range(29, 33)}  # before the median's days
    often[(back(5), "users", "email:missing")] = 300  # which a mean would tell of for weeks
    today = {(D, "users", "email:missing"): 38}
    line = told(Scene(tmp_path, rejected={**often, **today}).make()).ledger["users"]
    assert (line.rejected, line.share, line.usual, line.factor, line.over_limit) == (40, 0.1, 0.0125, 8, True)
    assert (line.source, line.bronze, line.silver, line.duplicates, line.balances) == (400, 400, 358, 2, True)
    assert (len(line.shares), line.shares[0], line.shares[-1]) == (30, 0.05, 0.1)


def test_a_reason_that_is_new_comes_first_with_the_command_that_shows_its_rows(tmp_path: Path) -> None:
    scene = Scene(tmp_path, rejected={(D, "activities", "title:odd"): 2, (D, "users", "email:missing"): 9})
    new, grown, *same = told(scene.make()).reasons
    assert (new.table, new.reason, new.rows, new.usual, new.factor, new.is_new) == (
        "activities",
        "title:odd",
        2,
        0,
        None,
        True,
    )
    assert new.command == "python jobs/rejected.py --ds 2025-03-01 --table activities --reason title:odd"
    assert (grown.reason, grown.rows, grown.usual, grown.factor) == ("email:missing", 9, 3, 3)
    assert [(each.reason, each.factor) for each in same] == [("email:malformed", 1), ("amount:negative", 1)]
    assert new.history == (*[0] * 29, 2)


def test_each_day_has_its_state_in_every_layer(tmp_path: Path) -> None:
    scene = Scene(tmp_path, days=20, first_day=back(19), rejected={(back(5), "users", "email:missing"): 99})
    scene.restated = scenes.three(scene)
    states = {name: [cell.state for cell in cells] for name, cells in told(scene.make()).days.items()}
    first, figures = ["bronze", "silver", "user activity", "notif impact"], len(FIGURE_TABLES)
    assert (list(states)[:4], list(states)[2 + figures :]) == (first, ["file"])
    assert states["bronze"] == ["before"] * 10 + ["final"] * 20 == states["file"]
    assert states["silver"] == ["before"] * 10 + ["final"] * 14 + ["over"] + ["final"] * 5
    activity = ["before"] * 10 + ["final"] * 16 + ["restated"] * 3 + ["provisional"]
    assert states["user activity"] == activity
    assert states["notif impact"] == ["before"] * 10 + ["final"] * 18 + ["provisional"] * 2


def test_of_a_day_without_a_ledger_in_the_file_the_manifests_tell(tmp_path: Path) -> None:
    refused = {name: cells[-1] for name, cells in told(scenes.silver_refused(tmp_path)).days.items()}
    assert (refused["bronze"].state, refused["silver"].state, refused["silver"].words) == (
        "final",
        "missing",
        "1 of 9 missing",
    )
    assert {refused[name].state for name in ("user activity", "notif impact", "file")} == {"missing"}


def test_a_hole_is_missing_and_the_days_that_read_it_are_not_known(tmp_path: Path) -> None:
    days = told(scenes.hole(tmp_path)).days
    assert [cell.state for cell in days["user activity"][-3:]] == ["unknown", "missing", "unknown"]
    assert days["user activity"][-1].words == "waits for 28 February 2025"


def test_freshness_has_the_instants_and_the_age_of_the_oldest_rate(tmp_path: Path) -> None:
    fresh = told(Scene(tmp_path, rate_days=6).make()).freshness
    assert fresh is not None
    assert (fresh.day_ended, fresh.read_first) == (
        datetime(2025, 3, 2, tzinfo=UTC),
        datetime(2025, 3, 2, 0, 10, tzinfo=UTC),
    )
    assert (fresh.loaded, fresh.oldest_rate, fresh.rate_age_days) == (datetime(2025, 3, 2, 0, 40, tzinfo=UTC), "USD", 6)


def test_every_batch_of_the_day_is_listed(tmp_path: Path) -> None:
    made = told(scenes.ordinary(tmp_path)).made
    assert [sum(batch.layer == layer for batch in made) for layer in ("bronze", "silver", "gold")] == [
        5,
        9,
        len(GOLD_TABLES),
    ]
    assert (made[0].batch, made[0].rows, made[0].bytes, made[0].code_version) == (
        "_postgres",
        2000,
        2_000_000,
        "0123456789abcdef",
    )


def test_a_batch_says_what_moment_of_its_source_settings_and_rates_it_was_made_with(tmp_path: Path) -> None:
    scene = scenes.ordinary(tmp_path)
    taken, meaning = "2025-03-02T00:10:00+00:00", {"settings": {"DAYBOOK_AMOUNT_LIMIT": "10"}, "rates": {"USD": "0.9"}}
    planted = {
        LAKE.bronze(SOURCE_TABLES[0], D): {"snapshot": {"id": "1", "lsn": "0/16B3748", "taken_at": taken}},
        LAKE.silver(SOURCE_TABLES[0], D): meaning,
    }
    for batch, inputs in planted.items():
        raw = json.loads(scene.store.objects[batch.manifest])
        scene.store.objects[batch.manifest] = json.dumps(raw | {"inputs": raw["inputs"] | inputs}).encode()
    made = {(each.layer, each.batch): each.made_with for each in told(scene).made}
    bronze, silver = planted
    assert made[bronze.layer, bronze.name] == ("LSN 0/16B3748, taken at 2 March 2025 00:10 UTC",)
    assert made[silver.layer, silver.name] == ("DAYBOOK_AMOUNT_LIMIT=10", "USD 0.9")


def test_the_pages_have_the_warehouses_mode_and_stay_so(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "w", days=3, mode=0o440).make()
    page = files.write(scene.path, told(scene))
    written = [page, page.with_suffix(".json"), *page.parents[1].glob("*.html")]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o440}
    scene.path.unlink()  # who could read the page before can read it still, and nobody else
    files.write(scene.path, told(scene))
    assert {path.stat().st_mode & 0o777 for path in written} == {0o440}


def test_no_value_of_a_row_stands_in_a_page_or_its_json(tmp_path: Path) -> None:
    scene = scenes.unusual(tmp_path / "w")
    page = files.write(scene.path, told(scene))
    users = "SELECT DISTINCT user_id::VARCHAR FROM global_user_activity_per_day"
    values = ["Somebody wrote", *(user for (user,) in ask(scene.path, users))]
    for path in (page, page.with_suffix(".json"), page.parents[1] / "index.html"):
        text = path.read_text()
        assert [value for value in values if value in text] == []


def test_the_list_of_days_leaves_out_what_another_format_says(tmp_path: Path) -> None:
    scene = scenes.ordinary(tmp_path / "w")
    page = files.write(scene.path, told(scene))
    later = page.with_name("2025-03-02.json")
    later.write_text(json.dumps({"format": 2}))
    files.write(scene.path, told(scene))
    assert "2025-03-02" not in (page.parents[1] / "index.html").read_text()


def test_a_small_line_has_a_stretch_for_each_part_without_a_gap() -> None:
    assert charts.points([0, 1, None, 1], width=90, height=18) == ["0.0,17.0 30.0,1.0", "90.0,1.0"]
    assert charts.points([None, None]) == []


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "", "–"),
        (1234, "", "1,234"),
        (0.494, "share", "49.4%"),
        (467.4, "h", "467 h"),
        (9.25, "h", "9.2 h"),
        (5.5, "EUR", "5.50 EUR"),
    ],
)
def test_numbers_are_written_for_a_person(value: float | None, unit: str, text: str) -> None:
    assert formatting.number(value, unit) == text
