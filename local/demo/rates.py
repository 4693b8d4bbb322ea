"""The demonstration's exchange rates: those of the repository, the newest of each currency as if it were today's."""

import csv
from datetime import date
from pathlib import Path

from toolchain import places

SHIPPED = places.ROOT / "conf" / "exchange_rates.csv"


def write(first: date, path: Path) -> None:
    """Write the repository's rates to `path`, and its last ones once more, valid from the first day on.

    A currency that had ended before keeps its old rate: the demonstration plants amounts in one.
    """
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    newest = max(line["valid_from"] for line in lines)
    if newest < str(first):
        lines += [line | {"valid_from": str(first)} for line in lines if line["valid_from"] == newest]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(lines)
