"""Nobody adds a line after `next:` that nobody typed: each is in the table, with the test that shows what became of it.

The table, `kit/next_lines.tsv`, has a row per text of the source. `became` is

- `typed`: a test provoked the fault and typed the command as it stands, through a shell; the fault was gone
- `done`: the line needs a person, `who`; a test did what it says, and the same command ended well
- `told`: a test provoked the fault and saw the line; what it asks of `who` is done by no test
- `unseen`: no server of the tests gives that fault; the test, if one is named, makes the failure by hand
"""

import csv
from collections import Counter

import pytest

from tests.kit import next_lines
from toolchain.places import ROOT

with (ROOT / "tests" / "kit" / "next_lines.tsv").open(encoding="utf-8", newline="") as _lines:
    TABLE = list(csv.DictReader(_lines, delimiter="\t", quoting=csv.QUOTE_NONE))
BECAME = ("typed", "done", "told", "unseen")


def test_every_line_of_the_product_is_in_the_table_once_and_no_other() -> None:
    listed = Counter(row["line"] for row in TABLE)
    assert [line for line, times in listed.items() if times > 1] == []
    found = next_lines.found()
    assert {line: files for line, files in found.items() if line not in listed} == {}, "type it, and add a row"
    assert listed.keys() - found.keys() == set(), "nobody says that any more"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["line"][:50])
def test_the_test_that_a_row_names_is_there(row: dict[str, str]) -> None:
    assert row["became"] in BECAME and row["fault"] and (row["who"] != "-" or row["became"] == "typed")
    if row["test"] == "-":
        assert row["became"] == "unseen", "who saw it?"
        return
    file, _, name = row["test"].partition("::")
    assert f"\ndef {name}(" in (ROOT / file).read_text(encoding="utf-8")
