"""`make rates`: the European Central Bank's file becomes Daybook's, every rate rounded once from the bank's figures.

The file is made here, in the bank's form: wide, the newest day first, a comma at the end, `N/A` where there is none.
"""

import os
import random
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from daybook import rates as product
from local import ecb_rates
from toolchain import places

CURRENCIES = (
    "USD JPY BGN CZK DKK GBP HUF PLN RON SEK CHF ISK NOK HRK TRY AUD BRL CAD CNY HKD IDR ILS INR KRW MXN MYR NZD PHP"
    " SGD THB ZAR KWD"
).split()
DAYS = [day for n in range(365) if (day := date(2025, 12, 31) - timedelta(days=n)).weekday() < 5]
# What one euro is, roughly: from a third of a dinar to eighteen thousand rupiah.
LARGE = {"JPY": 160, "HUF": 400, "ISK": 140, "IDR": 18_000, "INR": 95, "KRW": 1_500, "KWD": 0.33}


def figures() -> dict[date, dict[str, str]]:
    """A year of figures with as many digits as the bank gives; one currency ends, one has holes, so has the dollar."""
    drawn, found = random.Random(7), {}
    for day in DAYS:
        found[day] = {c: f"{LARGE.get(c, 5) * drawn.uniform(0.8, 1.2):.{drawn.choice((2, 4, 5))}f}" for c in CURRENCIES}
        for currency in CURRENCIES:
            ended = currency == "HRK" and day > date(2025, 5, 30)
            if ended or drawn.random() < {"RON": 0.3, "USD": 0.1}.get(currency, 0.01):
                found[day][currency] = "N/A"
    return found


FIGURES = figures()


def bank_file(folder: Path) -> Path:
    path = folder / "eurofxref-hist.csv"
    rows = [["Date", *CURRENCIES], *([str(day), *FIGURES[day].values()] for day in DAYS)]
    path.write_text("".join(",".join(row) + ",\n" for row in rows))
    return path


def reckoned(base: str) -> dict[tuple[str, date], Decimal]:
    """Every rate by whole numbers alone: (currency, day) → units of the base, half to even at the twelfth decimal."""
    result = {}
    for day, row in FIGURES.items():
        euro = {"EUR": Fraction(1)} | {c: Fraction(text) for c, text in row.items() if text != "N/A"}
        for currency in euro.keys() - {base} if base in euro else ():
            exact = euro[base] / euro[currency] * 10**12
            whole, rest = divmod(exact.numerator, exact.denominator)
            twice = 2 * rest - exact.denominator
            result[currency, day] = Decimal(whole + (twice > 0 or (twice == 0 and whole % 2 == 1))).scaleb(-12)
    return result


def make(folder: Path, *arguments: str, target: Path | None = None) -> tuple[int, str]:
    """Run the command behind `make rates`; returns its exit code and what it said."""
    command = [sys.executable, "-m", "local", "rates", *arguments]
    env = os.environ | {"DAYBOOK_EXCHANGE_RATES": str(target or folder / "rates.csv")}
    done = subprocess.run(command, cwd=places.ROOT, env=env, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.mark.parametrize("base", ["EUR", "USD", "IDR"])
def test_every_rate_is_the_banks_rounded_once_and_the_product_reads_them(base: str, tmp_path: Path) -> None:
    target, expected = tmp_path / "rates.csv", reckoned(base)
    code, said = make(tmp_path, "--file", str(bank_file(tmp_path)), "--base", base)
    currencies = len({currency for currency, _ in expected})
    days = sorted({day for _, day in expected})
    told = f"{target}: {len(expected):,} rates of {currencies} currencies in {base}, {days[0]} to {days[-1]}"
    assert (code, said) == (0, told)
    table = product.load(target, base, 45)
    found = {(currency, day): rate for currency, lines in table.lines.items() for day, rate in lines}
    assert found == expected and len(found) > 6000
    assert list(tmp_path.glob("*.building")) == []


def test_a_day_without_a_figure_gives_no_line_and_without_the_bases_none_at_all() -> None:
    header = ["Date", "USD", "GBP", ""]
    rows = [header, ["2025-01-03", "N/A", "0.8", ""], ["2025-01-02", "1.25", "N/A", ""]]
    euro = [("GBP", "EUR", "2025-01-03", "1.250000000000"), ("USD", "EUR", "2025-01-02", "0.800000000000")]
    assert sorted(ecb_rates.converted(rows, "EUR", "it")) == euro
    assert list(ecb_rates.converted(rows, "USD", "it")) == [("EUR", "USD", "2025-01-02", "1.250000000000")]


@pytest.mark.parametrize(
    ("base", "figure", "rate"),
    [("1", "3", "0.333333333333"), ("1", "0.6", "1.666666666667"), ("1", "80000000000", "0.000000000012"),
     ("0.3", "200000000000", "0.000000000002"), ("0.5", "200000000000", "0.000000000002"),
     ("0.49999", "200000000000", "0.000000000002"), ("0.50001", "200000000000", "0.000000000003")],
)  # fmt: skip
def test_a_half_of_the_last_decimal_goes_to_the_even_neighbour(base: str, figure: str, rate: str) -> None:
    rows = [["Date", "USD", "XTS"], ["2025-01-02", base, figure]]
    found = {currency: value for currency, _, _, value in ecb_rates.converted(rows, "USD", "it")}
    assert found["XTS"] == rate


ROW = "is not a day and a figure or N/A for each currency"


@pytest.mark.parametrize(
    ("text", "base", "complaint"),
    [
        ("Date,USD,GBP,\n", "SEK", "line 1 has no column SEK; BASE is EUR or one of USD, GBP"),
        ("Date,USD,GBP,\n", "eur", "line 1 has no column eur; BASE is EUR or one of USD, GBP"),
        *((header, "EUR", "line 1 is not Date,USD,JPY,… as in the European Central Bank's eurofxref-hist.csv")
          for header in ("", "\n", "Date,\n", "Datum,USD\n", "Date,USD,USD\n", "Date,USD,EUR\n", "Date,usd\n",
                         "currency,base,valid_from,rate\n")),
        ("Date,USD,\n2025-01-02,1.1,2\n", "EUR", f"line 2 '2025-01-02,1.1,2' {ROW}"),
        ("Date,USD,GBP,\n2025-01-02,1.1\n", "EUR", f"line 2 '2025-01-02,1.1' {ROW}"),
        ("Date,USD,\n02 January 2025,1.1,\n", "EUR", f"line 2 '02 January 2025,1.1,' {ROW}"),
        ("Date,USD,\n2025-01-02,0,\n", "EUR", f"line 2 '2025-01-02,0,' {ROW}"),
        ("Date,USD,\n2025-01-02,-1,\n", "EUR", f"line 2 '2025-01-02,-1,' {ROW}"),
        ("Date,USD,\n2025-01-02,n/a,\n", "EUR", f"line 2 '2025-01-02,n/a,' {ROW}"),
        ("Date,USD,\n\n", "EUR", f"line 2 '' {ROW}"),
        ("Date,USD,\n2025-01-02,1.1,\n2025-01-02,1.1,\n", "EUR", "line 3 repeats 2025-01-02"),
        ("Date,USD,\n2025-01-02,0.0000001,\n", "EUR",
         "line 2: 10000000.000000000000 EUR for one USD is no usable rate"),
        ("Date,USD,XTS,\n2025-01-02,0.001,99999999999,\n", "USD",
         "line 2: 0.000000000000 USD for one XTS is no usable rate"),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_refused_in_one_line_and_the_old_file_stays(
    text: str, base: str, complaint: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "bank.csv", tmp_path / "rates.csv"
    source.write_text(text)
    target.write_text("the old file")
    code, said = make(tmp_path, "--file", str(source), "--base", base)
    assert (code, said) == (2, f"{source}: {complaint}")
    assert target.read_text() == "the old file"


def test_a_file_that_is_not_there_or_not_named_or_cannot_be_written_is_told(tmp_path: Path) -> None:
    missing, nowhere = tmp_path / "none.csv", tmp_path / "none" / "rates.csv"
    asked = "which file? run: make rates FILE=eurofxref-hist.csv, or with BASE=USD for rates in dollars"
    assert make(tmp_path, "--file", "", "--base", "") == (2, asked)
    assert make(tmp_path, "--file", str(missing)) == (2, f"{missing}: No such file or directory")
    there = f"{nowhere}: No such file or directory; set DAYBOOK_EXCHANGE_RATES to a file to be written"
    assert make(tmp_path, "--file", str(bank_file(tmp_path)), target=nowhere) == (2, there)
