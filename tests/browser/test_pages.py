"""Every page there can be, in a real browser: it asks for nothing, complains of nothing, shuts nobody out."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import HEIGHT, Made, Show, in_time
from tests.kit.page_scenes import HOSTILE, LONG, SCENES
from toolchain import browser

Make = Callable[[str], Made]
CARDS = ["Active users", "Hours spent", "Messages", "Money", "Notifications sent", "Success rate"]


@pytest.mark.always
@pytest.mark.parametrize("name", SCENES)
def test_a_page_opens_from_disk_without_a_request_or_an_error_and_no_barrier_is_found(
    name: str, made: Make, show: Show
) -> None:
    night = made(name)
    with show(night.path, at=in_time(night.facts)) as seen:
        seen.page.evaluate("() => document.querySelectorAll('details').forEach(part => part.open = true)")
        assert seen.errors == []
        assert [url for url in seen.requests if not url.startswith("file:")] == []
        assert barriers(seen.page) == []
        seen.page.emulate_media(color_scheme="dark")  # changes colours, and nothing else
        assert barriers(seen.page, "color-contrast") == []


def barriers(page: Page, *rules: str) -> list[tuple[str, list[str]]]:
    """What axe finds: by rule, the pieces of the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(browser.cached().axe.read_text())
    found = page.evaluate("async rules => (await axe.run(rules.length ? {runOnly: rules} : {})).violations", rules)
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("name", ["index", "dictionary"])
def test_neither_the_list_of_all_days_nor_the_dictionary_has_a_barrier(name: str, made: Make, show: Show) -> None:
    night = made("unusual")
    for dark in (False, True):
        path = night.path.parents[1] / f"{name}.html"
        with show(path, at=night.facts.valid_until + timedelta(1), dark=dark) as seen:
            assert (barriers(seen.page), seen.errors) == ([], [])


@pytest.mark.parametrize("name", ["ordinary", "unusual", "no_rows"])
def test_verdict_and_six_cards_are_seen_without_scrolling(name: str, made: Make, show: Show) -> None:
    night = made(name)
    with show(night.path, at=in_time(night.facts)) as seen:
        cards = seen.page.locator(".card")
        assert [title.strip() for title in cards.locator("h3").all_inner_texts()] == CARDS
        lowest = max(card.bounding_box()["y"] + card.bounding_box()["height"] for card in cards.all())
        assert lowest < HEIGHT
        assert seen.page.locator("#verdict").bounding_box()["y"] < cards.first.bounding_box()["y"]


@pytest.mark.parametrize("name", SCENES)
def test_on_a_narrow_screen_nothing_is_scrolled_sideways_but_tables_in_their_strip(
    name: str, made: Make, show: Show
) -> None:
    night = made(name)
    root = night.path.parents[1]
    for path in (night.path, root / "index.html", root / "dictionary.html"):
        with show(path, at=in_time(night.facts), width=390) as seen:
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
            strips = seen.page.evaluate(
                "[...document.querySelectorAll('.scroll')].filter(s => s.scrollWidth > s.clientWidth)"
                ".map(s => s.getAttribute('aria-label'))"
            )
            assert strips in ([], ["State of the last 30 days by layer"])


def test_the_banner_comes_when_the_next_page_is_overdue_and_not_before(made: Make, show: Show) -> None:
    night = made("ordinary")
    for path in (night.path, night.path.parents[1] / "index.html"):
        for after, overdue in ((timedelta(0), False), (timedelta(seconds=1), True)):
            with show(path, at=night.facts.valid_until + after) as seen:
                assert seen.page.locator("#overdue").is_visible() is overdue
    assert night.facts.valid_until.isoformat() == "2025-03-03T02:10:00+00:00"


def test_without_script_the_page_says_until_when_it_is_valid(made: Make, show: Show) -> None:
    with show(made("ordinary").path, script=False) as seen:
        assert seen.page.locator("#valid").is_visible()
        assert seen.page.locator("#valid").inner_text().startswith("Valid until 3 March 2025 02:10 UTC;")
        assert not seen.page.locator("#overdue").is_visible()


@pytest.mark.parametrize("name", ["unusual", "hostile", "silver_refused"])
def test_it_prints_on_three_pages_with_the_verdict_and_without_the_banner(
    name: str, made: Make, show: Show, tmp_path: Path
) -> None:
    night = made(name)
    with show(night.path) as seen:  # long overdue
        printed = seen.page.pdf()
        seen.page.emulate_media(media="print")
        assert seen.page.locator("#verdict").is_visible()
        assert not seen.page.locator("#overdue").is_visible()
    assert 1 <= printed.count(b"/Type /Page\n") <= 3


def test_hostile_names_are_shown_as_text_and_change_nothing(made: Make, show: Show) -> None:
    night = made("hostile")
    with show(night.path, at=in_time(night.facts)) as seen:
        assert seen.page.locator("script").count() == 1
        assert seen.page.get_by_text(HOSTILE, exact=True).count() >= 2
        shown = seen.page.locator("body").inner_text()
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in shown and "\N{REPLACEMENT CHARACTER}evil" in shown
    assert LONG[:301] not in shown and LONG[:300] in shown
    assert night.path.stat().st_size < 300_000


def test_the_newest_days_verdict_leads_the_list_of_all_days(made: Make, show: Show) -> None:
    night = made("unusual")
    with show(night.path.parents[1] / "index.html", at=in_time(night.facts)) as seen:
        assert seen.page.locator("#verdict").inner_text().startswith("◔ Usable, provisional.")
        seen.page.get_by_role("link", name="2025-03-01", exact=True).click()
        assert seen.page.url == night.path.as_uri()


def test_the_dictionary_tells_every_table_view_and_column_of_the_file_in_the_files_own_words(
    made: Make, show: Show
) -> None:
    night = made("ordinary")
    with show(night.path, at=in_time(night.facts)) as seen:
        seen.page.get_by_role("link", name="dictionary").click()
        told = seen.page.evaluate(
            "[...document.querySelectorAll('h2')].flatMap(head => [[head.id, head.nextElementSibling.textContent],"
            "...[...head.nextElementSibling.nextElementSibling.querySelectorAll('tbody tr')]"
            ".map(row => [head.id, ...[...row.children].map(cell => cell.textContent)])])"
        )
    with duckdb.connect(str(night.scene.path), read_only=True) as db:
        held = db.execute(
            "SELECT [table_name, comment] FROM duckdb_tables()"
            " UNION ALL SELECT [view_name, comment] FROM duckdb_views() WHERE NOT internal"
            " UNION ALL SELECT [table_name, column_name, data_type, comment] FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    assert len(told) > 60 and sorted(told) == sorted(row for (row,) in held)


def test_the_json_beside_it_says_the_same_to_machines(made: Make) -> None:
    facts = json.loads(made("unusual").path.with_suffix(".json").read_text())
    assert list(facts)[:3] == ["format", "day", "verdict"]
    assert (facts["format"], facts["day"], facts["verdict"]["state"]) == (1, "2025-03-01", "provisional")
    assert {"headline", "reasons", "next"} <= set(facts["verdict"])
