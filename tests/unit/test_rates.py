"""Exchange rates: the youngest not after the day counts, and a malformed line is named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from daybook import rates
from daybook.errors import UsageError

HEADER = "currency,valid_from,rate\n"


def load(folder: Path, text: str) -> rates.Rates:
    path = folder / "rates.csv"
    path.write_text(text, encoding="utf-8")
    return rates.load(path)


def test_the_youngest_rate_not_after_the_day_counts(tmp_path: Path) -> None:
    table = load(tmp_path, HEADER + "USD,2025-03-02,0.95\nUSD,2025-01-01,0.96\nUSD,2025-03-04,0.94\n")
    found = {day: table.on(date(2025, 3, day), "EUR").get("USD") for day in (1, 2, 3, 4)}
    assert found == {1: Decimal("0.96"), 2: Decimal("0.95"), 3: Decimal("0.95"), 4: Decimal("0.94")}


def test_before_its_first_day_a_currency_has_no_rate(tmp_path: Path) -> None:
    assert load(tmp_path, HEADER + "USD,2025-03-02,0.95\n").on(date(2025, 3, 1), "EUR") == {"EUR": Decimal(1)}


def test_the_reporting_currency_is_one_unless_listed(tmp_path: Path) -> None:
    table = load(tmp_path, HEADER + "EUR,2025-03-02,1.10\n")
    assert table.on(date(2025, 3, 1), "EUR")["EUR"] == Decimal(1)
    assert table.on(date(2025, 3, 2), "EUR")["EUR"] == Decimal("1.10")


@pytest.mark.parametrize(
    "line",
    ["usd,2025-03-01,1", "USD,2025-3-1,1", "USD,20250301,1", "USD,2025-02-30,1", "USD,2025-03-01,0",
     "USD,2025-03-01,-1", "USD,2025-03-01,1e2", "USD,2025-03-01,NaN",
     "USD,2025-03-01,0.123456789", "USD,2025-03-01", "USD,2025-03-01,1,2"],
)  # fmt: skip
def test_a_malformed_line_is_named(line: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 3"):
        load(tmp_path, HEADER + "GBP,2025-01-01,1.2\n" + line + "\n")


def test_a_repeated_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 3 repeats USD from 2025-01-01"):
        load(tmp_path, HEADER + "USD,2025-01-01,1\nUSD,2025-01-01,2\n")


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    table = load(tmp_path, "\ufeffcurrency,valid_from,rate\r\nUSD,2025-01-01,0.9\r\n")
    assert table.entries == {("USD", date(2025, 1, 1)): Decimal("0.9")}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "line 1 is not currency,valid_from,rate"),
        (b"currency;valid_from;rate\n", "line 1 is not currency,valid_from,rate"),
        (b"USD,2025-01-01,0.9\n", "line 1 is not currency,valid_from,rate"),
        (b"currency,valid_from,rate\n\n", "line 2 '' is not like USD,2025-01-31,0.9"),
        (
            b"currency,valid_from,rate\nUSD,2025-01-01,0,9\n",
            "line 2 'USD,2025-01-01,0,9' is not like USD,2025-01-31,0.9",
        ),
        (
            b"currency,valid_from,rate\nUSD;2025-01-01;0.9\n",
            "line 2 'USD;2025-01-01;0.9' is not like USD,2025-01-31,0.9",
        ),
        (b"currency,valid_from,rate\n" + b"U" * 100, f"line 2 '{'U' * 60}' is not like USD,2025-01-31,0.9"),
        (b"currency,valid_from,rate\n" + b"U" * 200_000, "not CSV (field larger than field limit (131072))"),
        (b"currency,valid_from,rate\n\xe9\n", "not UTF-8"),
    ],
    ids=["empty", "semicolons", "no header", "blank line", "comma", "semicolon", "long", "longer", "Latin-1"],
)
def test_a_malformed_file_is_told_in_one_line_with_what_to_do(content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        rates.load(path)
    assert str(caught.value) == f"exchange rates {path}: {complaint}"
    assert caught.value.then == "mend the file, or set DAYBOOK_EXCHANGE_RATES to another"


def test_a_file_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.csv", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(UsageError) as caught:
            rates.load(path)
        assert str(caught.value) == f"exchange rates {path}: {reason}"
