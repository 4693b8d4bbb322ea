"""Exchange rates: the youngest not after the day counts, while it is young enough; a line that is wrong is named."""

import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from daybook import rates, settings
from daybook.errors import UsageError

HEADER = "currency,base,valid_from,rate\n"
MEND = "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"
NOT_LIKE = "is not like USD,EUR,2025-01-31,0.9"
OF_RATE = "is not above 0, below 10000000, of at most 12 decimals"


def load(folder: Path, text: str, base: str = "EUR", max_age: int = 45) -> rates.Rates:
    path = folder / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return rates.load(path, base, max_age)


def refused(path: Path, base: str = "EUR") -> tuple[str, str]:
    """What is said of the file, without the words all messages begin with, and what to do."""
    with pytest.raises(UsageError) as caught:
        rates.load(path, base, 45)
    said = str(caught.value)
    assert caught.value.exit_code == 2 and said.startswith(f"exchange rates {path}: ") and "\n" not in said
    return said.removeprefix(f"exchange rates {path}: "), caught.value.then


def test_the_youngest_rate_not_after_the_day_counts(tmp_path: Path) -> None:
    lines = "USD,EUR,2025-03-02,0.95\nUSD,EUR,2025-01-25,0.96\nUSD,EUR,2025-03-04,0.94\n"
    table = load(tmp_path, HEADER + lines)
    found = {day: table.on(date(2025, 3, day)).valid.get("USD") for day in (1, 2, 3, 4)}
    assert found == {1: Decimal("0.96"), 2: Decimal("0.95"), 3: Decimal("0.95"), 4: Decimal("0.94")}


def test_before_its_first_day_a_currency_has_no_rate(tmp_path: Path) -> None:
    found = load(tmp_path, HEADER + "USD,EUR,2025-03-02,0.95\n").on(date(2025, 3, 1))
    assert found == rates.DayRates({"EUR": Decimal(1)}, ())


@pytest.mark.parametrize(("max_age", "last"), [(45, date(2025, 2, 15)), (0, date(2025, 1, 1))])
def test_a_rate_is_used_up_to_and_including_its_greatest_age_and_then_it_is_too_old(
    max_age: int, last: date, tmp_path: Path
) -> None:
    table = load(tmp_path, HEADER + "USD,EUR,2024-01-01,0.9\nUSD,EUR,2025-01-01,0.96\n", max_age=max_age)
    assert table.on(last) == rates.DayRates({"EUR": Decimal(1), "USD": Decimal("0.96")}, ())
    assert table.on(last + timedelta(days=1)) == rates.DayRates({"EUR": Decimal(1)}, ("USD",))


def test_a_file_with_a_header_alone_is_right_and_knows_the_base(tmp_path: Path) -> None:
    assert load(tmp_path, HEADER, "USD").on(date(2025, 3, 1)) == rates.DayRates({"USD": Decimal(1)}, ())


def test_a_rate_may_have_seven_digits_and_twelve_decimals(tmp_path: Path) -> None:
    table = load(tmp_path, HEADER + "BTC,EUR,2025-01-01,9999999.999999999999\nXTS,EUR,2025-01-01,0.000000000001\n")
    assert table.on(date(2025, 1, 1)).valid == {
        "EUR": Decimal(1), "BTC": Decimal("9999999.999999999999"), "XTS": Decimal("0.000000000001"),
    }  # fmt: skip


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    table = load(tmp_path, "\ufeffcurrency,base,valid_from,rate\r\nUSD,EUR,2025-01-01,0.9\r\n")
    assert table.lines == {"USD": [(date(2025, 1, 1), Decimal("0.9"))]}


@pytest.mark.parametrize(
    "line",
    ["usd,EUR,2025-03-01,1", "USDT,EUR,2025-03-01,1", "USD,eur,2025-03-01,1", "USD,,2025-03-01,1",
     "USD,EUR,2025-3-1,1", "USD,EUR,20250301,1", "USD,EUR,2025-02-30,1", "USD,EUR,,1",
     "USD,EUR,2025-03-01,1e2", "USD,EUR,2025-03-01,NaN", "USD,EUR,2025-03-01,", "USD,EUR,2025-03-01,.5",
     "USD,EUR,2025-03-01,\u0661", "USD,EUR,2025-03-01", "USD,EUR,2025-03-01,1,2", "USD,2025-03-01,1", ""],
)  # fmt: skip
def test_a_malformed_line_is_named_and_not_shown(line: str, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(f"{HEADER}GBP,EUR,2025-01-01,1.2\n{line}\n", encoding="utf-8")
    assert refused(path) == (f"line 3 {NOT_LIKE}", MEND)


@pytest.mark.parametrize("rate", ["0", "0.000", "-1", "-0", "10000000", "10000000.5", "123456789", "0.1234567890123"])
def test_a_rate_that_cannot_be_used_is_named_with_its_line(rate: str, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(f"{HEADER}GBP,EUR,2025-01-01,1.2\nUSD,EUR,2025-01-01,{rate}\n")
    assert refused(path) == (f"line 3: rate {rate} {OF_RATE}", MEND)


def test_a_repeated_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(HEADER + "USD,EUR,2025-01-01,1\nUSD,EUR,2025-01-02,1\nUSD,EUR,2025-01-01,2\n")
    assert refused(path) == ("line 4 repeats USD from 2025-01-01", MEND)


def test_a_file_in_another_currency_than_the_reporting_currency_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(HEADER + "GBP,USD,2025-01-01,1.25\nCHF,EUR,2025-01-01,1.06\n")
    then = "set DAYBOOK_EXCHANGE_RATES to a file in {0} (make rates FILE=eurofxref-hist.csv BASE={0})"
    assert refused(path, "USD") == ("line 3 is in EUR, and DAYBOOK_REPORTING_CURRENCY is USD", then.format("USD"))
    assert refused(path, "EUR") == ("line 2 is in USD, and DAYBOOK_REPORTING_CURRENCY is EUR", then.format("EUR"))


def test_the_base_is_one_and_a_file_that_lists_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(HEADER + "EUR,EUR,2025-01-01,1\n")
    assert refused(path) == ("line 2 lists EUR, the base, whose rate is 1", "take the line out")


def test_the_command_that_an_old_file_is_refused_with_makes_it_a_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    path = folder / "rates.csv"
    path.write_text("\ufeffcurrency,valid_from,rate\r\nUSD,2025-01-01,0.9\r\nGBP,2025-01-01,1.2\r\n")
    said, then = refused(path, "CHF")
    assert said == "line 1 lacks the column base"
    command = then.removeprefix("if its rates are in CHF: ")
    assert command.startswith("sed ")
    subprocess.run(command, shell=True, check=True)
    table = rates.load(path, "CHF", 45)
    assert {currency: lines[0][1] for currency, lines in table.lines.items()} == {
        "GBP": Decimal("1.2"), "USD": Decimal("0.9"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "line 1 is not currency,base,valid_from,rate"),
        (b"currency;base;valid_from;rate\n", "line 1 is not currency,base,valid_from,rate"),
        (b"USD,EUR,2025-01-01,0.9\n", "line 1 is not currency,base,valid_from,rate"),
        (HEADER.encode() + b"USD,EUR,2025-01-01,0,9\n", f"line 2 {NOT_LIKE}"),
        (HEADER.encode() + b"USD;EUR;2025-01-01;0.9\n", f"line 2 {NOT_LIKE}"),
        (HEADER.encode() + b"U" * 100, f"line 2 {NOT_LIKE}"),
        (HEADER.encode() + b"U" * 200_000, "not CSV (field larger than field limit (131072))"),
        (HEADER.encode() + b"\xe9\n", "not UTF-8"),
    ],
    ids=["empty", "semicolons", "no header", "comma", "semicolon", "long", "longer", "Latin-1"],
)
def test_a_malformed_file_is_told_in_one_line_with_what_to_do(content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_bytes(content)
    assert refused(path) == (complaint, MEND)


def test_a_file_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.csv", "No such file or directory"), (tmp_path, "Is a directory")):
        assert refused(path) == (reason, MEND)


def test_the_shipped_file_has_a_rate_of_each_month_of_2025_that_no_day_finds_too_old() -> None:
    meaning = settings.meaning({})
    table = rates.load(meaning.exchange_rates, meaning.reporting_currency, meaning.rate_max_age_days)
    for day in (date(2025, 1, 1) + timedelta(days=n) for n in range(365)):
        found = table.on(day)
        assert sorted(found.valid) == ["CHF", "EUR", "GBP", "KWD", "USD"] and found.too_old == ("HRK",), day
    for currency in ("CHF", "GBP", "KWD", "USD"):
        months = {since.strftime("%Y-%m") for since, _ in table.lines[currency]}
        assert {f"2025-{month:02d}" for month in range(1, 13)} <= months
