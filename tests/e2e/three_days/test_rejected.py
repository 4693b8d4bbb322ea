"""What silver rejected can be looked at: counted by reason, row by row, and with personal columns masked."""

import csv
import re
from datetime import date
from pathlib import Path
from stat import S_IMODE

import pytest

from daybook.contracts import SOURCE_TABLES
from daybook.contracts.activities import ACTIVITIES
from daybook.contracts.group_messages import GROUP_MESSAGES
from daybook.contracts.groups import GROUPS
from daybook.contracts.model import SourceTable
from daybook.contracts.user_notifications import USER_NOTIFICATIONS
from daybook.contracts.user_purchases import USER_PURCHASES
from daybook.contracts.users import USERS
from daybook.lake import manifest
from daybook.lake.manifest import TableEntry
from tests.kit.harness import FIRST, Daybook, Ended
from tests.kit.sources import refused, succeeds

pytestmark = pytest.mark.usefixtures("three_days")


def entry(daybook: Daybook, table: SourceTable) -> TableEntry:
    live = manifest.read(daybook.store, daybook.batch("silver", table.name, date.fromisoformat(FIRST)))
    assert live
    return live.manifest.tables[table.name]


def shown(daybook: Daybook, table: SourceTable, *options: str) -> Ended:
    return daybook.by_duckdb("rejected", "--ds", FIRST, "--table", table.name, *options)


def written(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", SOURCE_TABLES, ids=lambda table: table.name)
def test_rows_and_reasons_are_those_of_the_ledger(daybook: Daybook, tmp_path: Path, table: SourceTable) -> None:
    ledger, path = entry(daybook, table).ledger, tmp_path / "rows.csv"
    ended = shown(daybook, table, "--csv", str(path))
    assert ended.code == 0, ended.output
    counted = re.findall(r"^│ ([a-z_:]+) +│ +([0-9]+) │$", ended.output, re.MULTILINE)
    assert {reason: int(rows) for reason, rows in counted} == ledger["rejected_by_reason"]
    assert ended.last_line == f"rejected done: silver {table.name} {FIRST}: {ledger['rejected']} rows, in {path}"
    rows = written(path)
    assert len(rows) == ledger["rejected"]
    assert {reason for row in rows for reason in row["reasons"].split()} == ledger["rejected_by_reason"].keys()
    assert S_IMODE(path.stat().st_mode) == 0o600


WRITTEN = [
    (USERS, ("first_name", "last_name", "email")),
    (GROUPS, ("name", "description")),
    (ACTIVITIES, ("activity_type", "title", "description", "location")),
    (GROUP_MESSAGES, ("content",)),
    (USER_NOTIFICATIONS, ("content",)),
    (USER_PURCHASES, ("product_type",)),
]


@pytest.mark.parametrize(("table", "personal"), WRITTEN, ids=lambda value: getattr(value, "name", ""))
def test_what_people_may_have_written_is_masked_unless_asked_for(
    daybook: Daybook, tmp_path: Path, table: SourceTable, personal: tuple[str, ...]
) -> None:
    masked, plain = tmp_path / "masked.csv", tmp_path / "plain.csv"
    assert shown(daybook, table, "--csv", str(masked)).code == 0
    assert shown(daybook, table, "--csv", str(plain), "--show-personal").code == 0
    meant = written(masked)
    assert len(written(plain)) == len(meant) > 0
    for name in personal:
        assert {row[name] for row in meant} <= {"", "•••"}, name
    assert any(row[name] for row in written(plain) for name in personal), "there is a text"
    shows = {row[name] for row in meant for name in row.keys() - {*personal}}
    assert any(shows - {"", "•••"}), "ids, times and codes are seen"


def test_a_reason_chooses_its_rows(daybook: Daybook) -> None:
    count = entry(daybook, USERS).ledger["rejected_by_reason"]["email:malformed"]
    ended = shown(daybook, USERS, "--reason", "email:malformed")
    assert (ended.code, ended.last_line) == (0, f"rejected done: silver users {FIRST}: {count} rows"), ended.output
    assert ended.output.count("•••") >= count


def test_a_file_that_is_there_is_kept_and_one_of_a_new_name_is_written(daybook: Daybook, tmp_path: Path) -> None:
    there, new = tmp_path / "there.csv", tmp_path / "new.csv"
    there.write_text("kept")
    refused(
        shown(daybook, USERS, "--csv", str(there)), 2, f"file {there}: File exists -- next: name a new file by --csv"
    )
    assert there.read_text() == "kept"
    succeeds(shown(daybook, USERS, "--csv", str(new)))
    assert len(written(new)) == entry(daybook, USERS).ledger["rejected"] > 0


def test_a_day_that_is_not_there_is_told(daybook: Daybook) -> None:
    ended = daybook.by_duckdb("rejected", "--ds", "2024-01-01", "--table", "users")
    then = "spark-submit jobs/silver.py --ds 2024-01-01"
    refused(ended, 1, f"silver users 2024-01-01: not published yet -- next: {then}")
