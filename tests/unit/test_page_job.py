"""`jobs/page.py` as it is run: by name of a day or for the newest, with nobody at the object store's address."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.kit.page_scenes import ordinary
from toolchain import places

AWAY = {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}


def make_page(
    warehouse: Path, *arguments: str, python: Path = Path(sys.executable)
) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [str(python), str(places.ROOT / "jobs" / "page.py"), *arguments]
    env = {**kept, **AWAY, "DUCKDB_PATH": str(warehouse), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_red_night_has_its_page_and_the_job_ends_well(tmp_path: Path) -> None:
    done = make_page(tmp_path / "analytics.duckdb", "--ds", "2025-03-01")
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads((tmp_path / "daybook/days/2025-03-01.json").read_text())
    assert facts["verdict"]["state"] == "red"
    assert "http://127.0.0.1:1" in facts["verdict"]["reasons"][0] and facts["verdict"]["next"]
    page = (tmp_path / "daybook/days/2025-03-01.html").as_uri()
    assert f"page done: {page}" in done.stdout


def test_without_a_day_it_makes_the_page_of_the_newest_in_the_file(tmp_path: Path) -> None:
    scene = ordinary(tmp_path)
    done = make_page(scene.path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "daybook/days/2025-03-01.html").exists()


def test_in_another_environment_one_line_says_which_to_use(tmp_path: Path) -> None:
    done = make_page(tmp_path / "analytics.duckdb", "--ds", "2025-03-01", python=places.python("duckdb"))
    assert done.returncode == 2
    assert "the package" in done.stdout and f"next: {places.python('page')}" in done.stdout


def test_without_a_day_and_a_warehouse_it_asks_for_the_day_and_makes_the_page_of_the_one_named(
    tmp_path: Path,
) -> None:
    done = make_page(tmp_path / "analytics.duckdb")
    assert done.returncode == 2
    assert "name the day: --ds YYYY-MM-DD" in done.stdout + done.stderr
    done = make_page(tmp_path / "analytics.duckdb", "--ds", "2025-03-01")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "daybook/days/2025-03-01.html").exists()
