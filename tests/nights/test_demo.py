"""`make demo` as a newcomer sees it: one screen, the last three days, and a page with nothing red."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from local.seed.options import newest_start
from local.stack import Stack
from toolchain import places

SCREEN = 60  # lines


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("demo") / "stack"
    yield home
    Stack(home).clean()


@pytest.fixture(scope="module")
def shown(home: Path) -> tuple[date, list[str]]:
    """The demonstration's newest day, and its lines."""
    first = newest_start(3)
    return first + timedelta(days=2), demonstrate(home, DEMO_DAYS=str(first))  # midnight may pass


def demonstrate(home: Path, **settings: str) -> list[str]:
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LC_ALL") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "local.demo"],
        env=known | {"DAYBOOK_LOCAL": str(home)} | settings,
        cwd=places.ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()


def test_all_it_says_stays_on_one_screen(shown: tuple[date, list[str]]) -> None:
    newest, lines = shown
    assert len(lines) <= SCREEN
    assert "214 rows of 28 kinds of dirt were planted: each was found again" in lines
    assert f"Ledger of {newest}: source = bronze = silver + rejected + duplicates" in lines


def test_what_the_jobs_print_is_in_the_log_that_it_names(shown: tuple[date, list[str]], home: Path) -> None:
    newest, lines = shown
    log = home / "logs" / "demo.log"
    assert f"log   {log}: what the jobs printed, all ledgers, every kind of planted row" in lines
    text = log.read_text()
    for told in (f"silver user_purchases               {newest}", f"ledger of {newest}", "late clicks"):
        assert told in text


def test_the_newest_page_has_no_word_of_warning(shown: tuple[date, list[str]]) -> None:
    newest, lines = shown
    [address] = [line.removeprefix("page  file://") for line in lines if line.startswith("page ")]
    page = json.loads(Path(address).with_suffix(".json").read_text())
    assert page["day"] == str(newest)
    assert page["verdict"]["state"] == "provisional"
    assert page["verdict"]["reasons"] == []
    assert datetime.fromisoformat(page["valid_until"]) > datetime.now(UTC)
