"""A Chromium that all tests share, and the pages of all scenes, each made once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from daybook.page.facts import Facts
from tests.kit.page_scenes import SCENES, page_of
from tests.kit.scene import Scene
from toolchain import browser

FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
 --disable-component-update --disable-sync --disable-dev-shm-usage""".split()
WIDTH, HEIGHT = 1280, 800


@dataclass
class Made:
    """A scene, what its page says, and where the page is."""

    scene: Scene
    facts: Facts
    path: Path


@dataclass
class Seen:
    """An open page, what it asked for, and what it complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


Show = Callable[..., Any]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """The page of a scene, by its name."""
    known: dict[str, Made] = {}

    def make(name: str) -> Made:
        if name not in known:
            scene = SCENES[name](tmp_path_factory.mktemp("page") / name)
            known[name] = Made(scene, *page_of(scene))
        return known[name]

    return make


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser of the project's own, which is fetched where this user has none yet."""
    browser.ensure()
    found = browser.cached()
    env: dict[str, str | float | bool] = dict(found.environment)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found.chromium, args=FLAGS, env=env)
        yield launched
        launched.close()


@pytest.fixture
def show(chromium: Browser) -> Show:
    """Opens a page from disk, an hour after it was made, if nothing else is asked for."""

    @contextmanager
    def opened(
        path: Path, at: datetime | None = None, width: int = WIDTH, dark: bool = False, script: bool = True
    ) -> Iterator[Seen]:
        context = chromium.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        seen = Seen(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.errors.append(message.text))
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        if at:
            seen.page.clock.set_fixed_time(at)
        seen.page.goto(path.as_uri())
        yield seen
        context.close()

    return opened


def in_time(facts: Facts) -> datetime:
    """An hour before the next page is due."""
    return facts.valid_until - timedelta(hours=1)
