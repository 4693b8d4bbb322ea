"""The demonstration's days and rates, and what a terminal shows of a long step."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from local.demo.chosen import WrongDays, first_day
from local.demo.rates import SHIPPED, write
from local.seed.options import ANSWERED
from toolchain import report


def test_the_days_are_the_last_three_whose_answers_have_happened() -> None:
    before = (datetime.now(UTC) - ANSWERED).date()
    chosen = first_day({"DEMO_DAYS": ""})
    after = (datetime.now(UTC) - ANSWERED).date()
    assert before - timedelta(days=3) <= chosen <= after - timedelta(days=3)


def test_fixed_days_are_kept() -> None:
    assert first_day({"DEMO_DAYS": "2025-03-01"}) == date(2025, 3, 1)


@pytest.mark.parametrize("given", ["yesterday", "2025-02-30", "2004-12-31", "2999-01-01", "today"])
def test_days_that_cannot_be_shown_are_refused_with_the_range_and_a_command(given: str) -> None:
    given = str(datetime.now(UTC).date()) if given == "today" else given
    with pytest.raises(WrongDays) as refused:
        first_day({"DEMO_DAYS": given})
    assert refused.value.exit_code == 2
    told = str(refused.value)
    assert told.startswith(f"DEMO_DAYS={given}")
    assert "between 2005-01-01 and " in told
    assert told.endswith("next: make demo DEMO_DAYS=2025-03-01")


def rates(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_rates_hold_on_the_days_shown_and_a_currency_that_ended_has_none_of_them(tmp_path: Path) -> None:
    write(date(2030, 5, 1), tmp_path / "rates.csv")
    written = rates(tmp_path / "rates.csv")
    shipped = rates(SHIPPED)
    added = written[len(shipped) :]
    assert written[: len(shipped)] == shipped
    assert {line["valid_from"] for line in added} == {"2030-05-01"}
    assert {line["currency"] for line in added} == {line["currency"] for line in shipped} - {"HRK"}


def test_rates_of_fixed_days_are_the_repositorys(tmp_path: Path) -> None:
    write(date(2025, 3, 1), tmp_path / "rates.csv")
    assert rates(tmp_path / "rates.csv") == rates(SHIPPED)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_a_step_is_and_lines_in_between_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", shown := Terminal())
    with report.bar("building", 4) as advance:
        advance()
        report.say("  another step is done")
        advance()
    lines = shown.getvalue().replace("\x1b[K", "").split("\r")
    assert lines == [
        "",
        "  building [#######.......................] 1/4",
        "  another step is done\n",
        "  building [###############...............] 2/4",
        "",
    ]


def test_a_file_or_a_pipe_gets_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", shown := io.StringIO())
    with report.bar("building", 1) as advance:
        advance()
    assert shown.getvalue() == ""
