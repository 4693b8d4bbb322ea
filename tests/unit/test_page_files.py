"""The page's files beside the warehouse: what stands between them is left aside, what fails leaves nothing."""

import errno
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from daybook.errors import RetryableError
from daybook.page import files
from daybook.process import runs
from daybook.records.run_record import RunRecord
from daybook.settings import beside
from daybook.warehouse import rights
from tests.kit.page_scenes import ordinary, page_of


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_damaged_file_of_another_day_is_left_aside_and_the_list_made_without_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    facts, page = page_of(ordinary(tmp_path))
    for day, text in (("2025-02-27", "{half"), ("2025-02-26", "[]"), ("2025-02-25", "")):
        (page.parent / f"{day}.json").write_text(text)
    files.write(tmp_path / "analytics.duckdb", facts)
    listed = (tmp_path / "daybook" / "index.html").read_text()
    assert "days/2025-03-01.html" in listed and "2025-02-2" not in listed
    assert [line.split("/")[-1].partition(":")[0] for line in caplog.messages] == [
        "2025-02-27.json", "2025-02-26.json", "2025-02-25.json",
    ]  # fmt: skip


def test_a_page_that_cannot_be_written_leaves_the_one_before_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts, _ = page_of(ordinary(tmp_path))
    before = {path: path.read_bytes() for path in (tmp_path / "daybook").rglob("*") if path.is_file()}

    monkeypatch.setattr(rights, "keep", full)
    with pytest.raises(RetryableError, match="No space left on device"):
        files.write(tmp_path / "analytics.duckdb", facts)
    assert {path: path.read_bytes() for path in (tmp_path / "daybook").rglob("*") if path.is_file()} == before


def test_a_record_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_bytes", full)
    record = RunRecord("x", "verify", date(2025, 3, 1), None, datetime.now(UTC), "0")
    with pytest.raises(OSError, match="No space left"):
        runs.beside_warehouse(tmp_path / "analytics.duckdb")(record)
    assert [path for path in (tmp_path / "daybook").rglob("*") if path.is_file()] == []


def test_pages_and_records_lie_beside_the_file_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "link").mkdir()
    link = tmp_path / "link" / "w.duckdb"
    link.symlink_to(tmp_path / "real" / "w.duckdb")
    (tmp_path / "real").mkdir()
    assert beside.folder(link) == tmp_path / "real" / "daybook"
    runs.beside_warehouse(link)(RunRecord("x", "verify", date(2025, 3, 1), None, datetime.now(UTC), "0"))
    assert [path.parts[-5:-2] for path in tmp_path.rglob("*.json")] == [("real", "daybook", "runs")]
