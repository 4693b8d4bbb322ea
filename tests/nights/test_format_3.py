"""A lake and a warehouse of the third release, whose manifests have full names: the next night is green by itself.

A copy of that lake is refused, because its manifests name the files of the original, until the commands of the guide
have put its own place into them.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.kit import moved, releases
from tests.kit.harness import Daybook, Driver, Ended
from toolchain import places

GUIDE = (places.ROOT / "docs" / "lake.md").read_text().partition("## Moving a lake")[2].partition("\n## ")[0]
FIRST, SECOND, NIGHT = "2025-03-01", "2025-03-02", "2025-03-03"
OLD_DAYS = ("--from", FIRST, "--to", SECOND)
REFUSED = {
    "extract_postgres": "--refresh", "extract_cassandra": "--refresh", "silver": "--force", "gold": "--force",
}  # fmt: skip


def succeeds(ended: Ended) -> str:
    assert ended.code == 0, ended.output
    return ended.output


@pytest.fixture(scope="module")
def old_jobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return releases.jobs(releases.THIRD, tmp_path_factory.mktemp("third_release"))


@pytest.fixture(scope="module")
def third_release(daybook: Daybook, old_jobs: Path) -> Iterator[Driver]:
    """A driver of the third release."""
    with replace(daybook, jobs=old_jobs).driver() as up:
        yield up


@pytest.fixture(scope="module")
def lake(daybook: Daybook, old_jobs: Path, third_release: Driver) -> dict[str, str]:
    """Two days as the third release left them."""
    own = daybook.own_lake("format_3")
    succeeds(third_release.run("day", *OLD_DAYS, **own))
    succeeds(replace(daybook, jobs=old_jobs).load(*OLD_DAYS, **own))
    return own


@pytest.fixture(scope="module")
def before(daybook: Daybook, lake: dict[str, str]) -> dict[str, str]:
    """That lake, by ETag."""
    found = moved.etags(daybook, lake)
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def copied(daybook: Daybook, lake: dict[str, str], before: dict[str, str]) -> dict[str, str]:
    """The same in another place, with its own warehouse file."""
    own = daybook.own_lake("format_3_copy")
    moved.copy(daybook, lake, own)
    shutil.copy(lake["DUCKDB_PATH"], own["DUCKDB_PATH"])
    return own


@pytest.mark.parametrize("job", [*REFUSED, "load_duckdb", "verify", "rejected", "sweep"])
def test_a_job_in_the_copy_refuses_names_of_the_original_and_deletes_nothing(
    daybook: Daybook, driver: Driver, lake: dict[str, str], before: dict[str, str], copied: dict[str, str], job: str
) -> None:
    arguments = {"rejected": ("--ds", SECOND, "--table", "users"), "sweep": ("--delete",)}.get(job, ("--ds", SECOND))
    there = moved.etags(daybook, copied)
    if job in REFUSED:
        ended = driver.run(job, *arguments, REFUSED[job], **copied)
    elif job == "load_duckdb":
        ended = daybook.load(*arguments, **copied)
    else:
        ended = daybook.by_duckdb(job, *arguments, **copied)
    assert ended.code == 3, ended.output
    said = re.fullmatch(
        r"failed \(exit 3\): (?P<place>s3a://(?P<layer>\w+)/test_format_3_copy/\S+/_MANIFEST\.json): names a file"
        r" outside its table and day, (?P<file>s3a://[^\s;]+)(; \d more failed)? -- next:"
        r" set (?P<setting>\w+) back to the place of its files; or was the lake moved\?"
        r" docs/lake\.md, “Moving a lake”, has the commands",
        ended.last_line,
    )
    assert said and said["place"] in there and said["file"] in before
    assert said["setting"] == f"DAYBOOK_{said['layer'].upper()}"
    assert (moved.etags(daybook, lake), moved.etags(daybook, copied)) == (before, there)


def test_the_page_of_a_copy_that_is_refused_is_red(daybook: Daybook, copied: dict[str, str], tmp_path: Path) -> None:
    own = copied | {"DUCKDB_PATH": str(tmp_path / "analytics.duckdb")}
    shutil.copy(copied["DUCKDB_PATH"], own["DUCKDB_PATH"])
    succeeds(daybook.page(SECOND, **own))
    told = json.loads((tmp_path / "daybook" / "days" / f"{SECOND}.json").read_text())["verdict"]
    assert told["state"] == "red" and "names a file outside its table and day" in told["reasons"][0]


def test_the_commands_of_the_guide_make_the_copy_a_lake_of_its_own(
    daybook: Daybook, driver: Driver, lake: dict[str, str], before: dict[str, str], copied: dict[str, str]
) -> None:
    python = GUIDE.partition("```python\n")[2].partition("```")[0]
    given = {lake[layer]: copied[layer] for layer in moved.LAYERS}
    code, count = re.subn(r"^MOVED = .*$", f"MOVED = {given}", python, flags=re.MULTILINE)
    assert count == 1
    done = subprocess.run([places.python("duckdb"), "-"], input=code, env=daybook.env(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    commands = re.findall(r"^    (?:spark-submit|python) jobs/(\w+)\.py (.*)$", GUIDE, re.MULTILINE)
    assert [job for job, _ in commands] == ["silver", "gold", "load_duckdb"]
    for job, arguments in commands:
        words = shlex.split(arguments.replace("FIRST", FIRST).replace("LAST", SECOND))
        succeeds(daybook.load(*words, **copied) if job == "load_duckdb" else driver.run(job, *words, **copied))
    succeeds(daybook.verify(*OLD_DAYS, **copied))
    assert moved.etags(daybook, lake) == before


@pytest.mark.always
def test_the_night_after_the_upgrade_is_green_and_makes_only_what_has_changed(
    daybook: Daybook, driver: Driver, lake: dict[str, str], before: dict[str, str]
) -> None:
    printed = succeeds(driver.run("day", "--ds", NIGHT, **lake))
    succeeds(daybook.load("--ds", NIGHT, **lake))
    succeeds(daybook.verify("--ds", NIGHT, **lake))
    assert "skipped gold" not in printed
    after = moved.etags(daybook, lake)
    changed = {name for name in before if name.endswith("/_MANIFEST.json") and after.get(name) != before[name]}
    by_layer = Counter(layer for name in changed for layer in moved.LAYERS if name.startswith(lake[layer]))
    assert by_layer["DAYBOOK_BRONZE"] == 0
    again = re.findall(r"silver (\w+) +(\S+)  made again", printed)
    assert {name for name in changed if name.startswith(lake["DAYBOOK_SILVER"])} == {
        f"{lake['DAYBOOK_SILVER']}/{table}/{day}/_MANIFEST.json" for table, day in again
    }
    assert daybook.unnamed(*(lake[layer] for layer in moved.LAYERS)) == set()


def test_what_the_release_of_that_lake_cannot_read_any_more_this_one_reads(
    daybook: Daybook, driver: Driver, third_release: Driver, lake: dict[str, str]
) -> None:
    succeeds(driver.run("extract_postgres", "--ds", NIGHT, **lake))
    silver = ("silver", "--ds", NIGHT, "--table", "users")
    ended = third_release.run(*silver, **lake)
    then = "use the version of Daybook that wrote it, or a later one"
    assert f"_MANIFEST.json: manifest format 4, this version reads 1 to 3 -- next: {then}" in ended.last_line
    succeeds(driver.run(*silver, **lake))
    assert daybook.contents(daybook.batch("silver", "users", date.fromisoformat(NIGHT), **lake))["users"]
