"""Command lines: what is refused is refused before anything starts."""

from datetime import date

import pytest

from daybook import arguments
from daybook.contracts import SOURCE_TABLES

TODAY = date(2025, 3, 4)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day does not end while the tests run."""
    monkeypatch.setattr(arguments, "today", lambda: TODAY)


def parse(*argv: str) -> list[date]:
    parser = arguments.parser("doc")
    arguments.add_tables(parser, SOURCE_TABLES)
    return arguments.days(parser, parser.parse_args(argv))


@pytest.mark.parametrize(
    "text",
    [
        "2025-3-1", "20250301", "2025-02-30", "2025-13-01", "٢٠٢٥-٠٣-٠١", " 2025-03-01", "2025-03-01 ", "2025-03-01\n",
        "", "today", "2025-W10-1", "2025-060", "2025-03-01T00:00", "25-03-01", "+2025-03-01", "0000-01-01",
        "2025-03-01'; DROP TABLE users;--",
    ],
)  # fmt: skip
def test_a_day_in_any_other_form_is_refused_with_exit_2(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(f"--ds={text}")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "is not a day of the form YYYY-MM-DD" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["--ds", "1999-12-31"], "'1999-12-31' lies outside the years 2000 to 9998"),
        (["--ds", "0001-01-01"], "'0001-01-01' lies outside the years 2000 to 9998"),
        ([], "which day?"),
        (["--from", "2025-03-01"], "--from and --to go together"),
        (["--to", "2025-03-01"], "--from and --to go together"),
        (["--ds", "2025-03-01", "--from", "2025-03-01", "--to", "2025-03-02"], "exclude each other"),
        (["--from", "2025-03-02", "--to", "2025-03-01"], "--from 2025-03-02 is after --to 2025-03-01"),
        (["--ds", "2025-03-04"], "has not ended yet"),
        (["--ds", "2999-01-01"], "has not ended yet"),
        (["--d", "2025-03-01"], "unrecognized arguments"),
        (["--ds", "2025-03-01", "--verbose"], "unrecognized arguments: --verbose"),
        (["--ds", "2025-03-01", "--table", "user"], "argument --table: 'user' is none of users, groups,"),
        (["2025-03-01"], "unrecognized arguments"),
    ],
)
def test_an_unclear_command_line_is_refused_with_its_reason(
    argv: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*argv)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert "--help" in said


def test_a_range_is_inclusive_and_in_order() -> None:
    days = parse("--from", "2024-02-28", "--to", "2024-03-01")
    assert [str(day) for day in days] == ["2024-02-28", "2024-02-29", "2024-03-01"]


def test_today_is_taken_when_an_incomplete_day_is_allowed() -> None:
    assert parse("--ds", str(TODAY), "--allow-incomplete") == [TODAY]


def test_a_span_names_one_day_or_first_and_last() -> None:
    assert arguments.span([date(2025, 3, 1)]) == "2025-03-01"
    assert arguments.span([date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3)]) == "2025-03-01 to 2025-03-03"
