"""What the pages tell people to ask is asked, as it stands there, of a file with all real tables; none is left out."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from daybook.contracts import GOLD_TABLES
from tests.kit import fortnight, guides, jdbc
from tests.kit.guides import WAREHOUSE, Block
from tests.kit.warehouse import ask

DUCKDB = Path(sys.executable).with_name("duckdb")
LOOKS_LIKE_A_QUESTION = re.compile(r"\bduckdb\b.*[\"']|^\s*(SELECT|FROM|WITH|GRANT|CREATE|ALTER)\b", re.MULTILINE)
NO_ROWS = re.compile(r"\b0 rows")  # but 70 rows are some
# Each language has one test that runs all its blocks, wherever they stand.
RUN_HERE = ("sql", "python", "java", "json")
RUN_ELSEWHERE = {"postgresql": "tests/e2e/test_rights.py", "cql": "tests/e2e/test_rights.py"}
BRONZE = "lake.md"  # whose Python reads bronze files: the tests of hostile texts run it (kit/hostile.py)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fortnight")
    return fortnight.fill(folder / "analytics.duckdb", folder)


def each(found: list[Block]) -> Callable[..., pytest.MarkDecorator]:
    return pytest.mark.parametrize("block", found, ids=str)


def commands() -> list[Block]:
    return [block for block in guides.blocks("") if block.command]


def of_warehouse(language: str) -> list[Block]:
    return [block for block in guides.blocks(language) if block.page != BRONZE]


def left_out(block: Block) -> bool:
    """Whether no test would notice that the block is wrong, though it says something that could be run."""
    if block.language:
        return block.language not in (*RUN_HERE, *RUN_ELSEWHERE)
    return not block.command and bool(LOOKS_LIKE_A_QUESTION.search(block.text))


def test_every_block_is_run_by_a_test() -> None:
    assert [str(block) for block in guides.blocks() if left_out(block)] == []
    assert len(guides.blocks("sql")) >= 2 and len(commands()) >= 2 and len(of_warehouse("python")) >= 1
    for language, test in RUN_ELSEWHERE.items():
        assert guides.blocks(language) and f'"{language}"' in (guides.ROOT / test).read_text()


@pytest.mark.parametrize(
    "page",
    [
        "```sparksql\nSELECT 1\n```",
        "1. a list\n\n   ```SQL\n   SELECT 1\n   ```",
        "a text\n\n    SELECT date\n    FROM day_status",
        "```\nGRANT SELECT ON users TO daybook\n```",
        "a text\n\n    for day in 1 2; do duckdb -readonly file 'SELECT 1'; done",
    ],
)
def test_a_block_that_no_test_would_run_is_noticed(page: str) -> None:
    [block] = guides.read(page, "page.md")
    assert left_out(block)


@each(guides.blocks("sql"))
def test_sql_gives_an_answer(block: Block, path: Path) -> None:
    assert ask(path, block.text)


@each(commands())
def test_a_command_gives_an_answer(block: Block, path: Path) -> None:
    program, *arguments = block.command or []
    assert program == "duckdb" and WAREHOUSE in arguments
    given = [str(path) if word == WAREHOUSE else word for word in arguments]
    done = subprocess.run([DUCKDB, "-no-init", *given], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not NO_ROWS.search(done.stdout) and len(done.stdout.splitlines()) > 4


@each(of_warehouse("python"))
def test_python_gives_an_answer(block: Block, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert WAREHOUSE in block.text
    found: dict[str, object] = {}
    exec(block.text.replace(WAREHOUSE, str(path)), found)
    printed = capsys.readouterr().out
    assert not NO_ROWS.search(printed) and len(printed.splitlines()) > 4


@each(guides.blocks("java"))
def test_java_gives_an_answer(block: Block, path: Path, tmp_path: Path) -> None:
    assert WAREHOUSE in block.text
    source = tmp_path / "Ask.java"
    source.write_text(block.text.replace(WAREHOUSE, str(path)))
    done = jdbc.run(source)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(fortnight.DAYS)


@each(guides.blocks("json"))
def test_json_is_whole(block: Block) -> None:
    assert json.loads(block.text)


def the_one(block: list[Block], about: str) -> str:
    [text] = [each.command[-1] if each.command else each.text for each in block if about in each.text]
    return text


def test_the_visits_and_hours_of_a_day_are_those_of_its_users(path: Path) -> None:
    asked = the_one(commands(), "AS hours")
    expected = [(on, 2 * len(users), len(users) / 3) for on in fortnight.DAYS for users in [fortnight.users_of(on)]]
    assert ask(path, asked) == [(on, visits, pytest.approx(hours)) for on, visits, hours in expected]


def test_a_day_may_be_used_once_every_day_that_it_reads_was_there(path: Path) -> None:
    found = ask(path, the_one(commands(), "FROM day_status"))
    last, days = fortnight.DAYS[-1], len(fortnight.DAYS)
    assert len(found) == len(GOLD_TABLES) * days and all(is_loaded for _, _, is_loaded, *_ in found)
    filled = {table.name for table in fortnight.FILLED}
    provisional = {(table, on): waiting for table, on, _, is_final, waiting, _ in found if not is_final}
    assert {key: len(waiting) for key, waiting in provisional.items() if key[0] in filled} == {
        ("global_user_activity_per_day", last): 1,
        ("global_notif_impact_per_day", last): 2,
        ("global_notif_impact_per_day", fortnight.DAYS[-2]): 1,
    }


def test_money_of_final_days_adds_up_to_the_cent(path: Path) -> None:
    found: dict[date, Decimal] = dict(ask(path, the_one(guides.blocks("sql"), "AS money")))
    expected = dict.fromkeys(fortnight.DAYS[:-1], Decimal("19.99"))
    assert found == expected | {fortnight.RESTATED: Decimal("20.09")}


def test_a_final_figure_that_a_refresh_changed_has_its_receipt(path: Path) -> None:
    [[_, on, figure, before, after, causes]] = ask(path, the_one(guides.blocks("sql"), "FROM restatements"))
    assert (on, figure, before, after) == (
        fortnight.RESTATED, "total_money_spend", Decimal("19.99"), Decimal("20.09")
    )  # fmt: skip
    assert causes == ["refreshed"]
