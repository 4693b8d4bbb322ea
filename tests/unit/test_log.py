"""Lines of the log: for a person with date, zone and level, for a program as JSON."""

import json
import re
import time
from datetime import UTC, date, datetime

import pytest

from daybook.errors import DataError
from daybook.lake.manifest import Live, Manifest, TableEntry
from daybook.lake.paths import Batch
from daybook.lake.publish import Published
from daybook.log import log
from daybook.process import runtime
from daybook.steps import report

DAY = date(2025, 3, 1)
ENTRY = TableEntry((), 90, {}, {"rejected": 10}, seconds=1.5)
MADE = Manifest("silver", "users", str(DAY), "a", 1, "", {"users": ENTRY}, {}, True, "", {}, 0)


def work() -> None:
    report.tell("silver", [Published(Batch("silver", "s3a://silver", "users", DAY), Live(MADE, '"e"'), None, True)])
    log.warning("odd")
    raise DataError("users: broken", then="look")


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    runtime.run(work)
    return capsys.readouterr().out.splitlines()


def test_a_line_begins_with_its_moment_in_utc_and_its_level(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    with monkeypatch.context() as patch:  # a machine whose clock on the wall is nine hours before UTC
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        found = lines(capsys)
    time.tzset()
    assert all(re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in found), found
    assert all(began <= datetime.fromisoformat(line[:20]) <= datetime.now(UTC) for line in found), found
    assert [line.split(" ", 2)[1] for line in found] == ["INFO", "INFO", "WARNING", "ERROR"]
    assert found[-1].endswith(" ERROR failed (exit 3): users: broken -- next: look")


def test_as_json_a_line_is_one_object_with_what_it_knows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBOOK_LOG", "json")
    made, done, odd, failed = map(json.loads, lines(capsys))
    assert (made["layer"], made["table"], made["day"], made["rows"]) == ("silver", "users", "2025-03-01", 90)
    assert (made["rejected"], made["seconds"], made["changed"]) == (10, 1.5, True)
    assert done["message"].startswith("silver done: 1 tables published, 90 rows")
    assert (odd["level"], odd["message"]) == ("warning", "odd")
    assert (failed["level"], failed["exit"], failed["next"]) == ("error", 3, "look")


def test_where_what_nobody_foresaw_arose_is_told_in_one_line_without_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAYBOOK_LOG", "json")
    assert runtime.run(lambda: [][0]) == 1
    unexpected, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert "assert runtime.run(lambda: [][0]) == 1" in unexpected["message"] and "IndexError" in unexpected["message"]
    assert failed["message"] == "failed (exit 1): unexpected IndexError -- next: run the same command again"


def test_another_form_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_LOG", "xml")
    assert runtime.run(work) == 2
    [line] = capsys.readouterr().out.splitlines()
    assert line.partition(" ERROR ")[2].startswith("failed (exit 2): setting DAYBOOK_LOG='xml' is none of text, json")
