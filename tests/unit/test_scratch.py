"""Folders for temporary files: one of several has to do, and what is no disk's affair is left to others."""

from pathlib import Path

import pytest

from daybook import scratch
from daybook.errors import UsageError
from daybook.failures.causes import Cause
from daybook.scratch import Use


def test_a_missing_folder_is_made_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert Use([str(folder)], "SETTING", runs_code=True).problem() is None
    assert list(folder.iterdir()) == []


def test_one_of_several_has_to_do(tmp_path: Path) -> None:
    file, good = tmp_path / "file", str(tmp_path / "good")
    file.touch()
    assert Use([str(file), good], "SETTING").problem() is None
    problem = Use([str(file), f"{file}/below"], "SETTING").problem()
    assert isinstance(problem, UsageError)
    assert str(problem) == f"folder {file}: File exists"
    assert problem.then == "mend it, or set SETTING to another folder, then run the same command again"


@pytest.mark.parametrize("name", ["org.postgresql.util.PSQLException", "java.net.ConnectException"])
def test_what_no_folder_is_to_blame_for_is_left_to_others(name: str) -> None:
    outer, inner = (
        Cause(None, (each,), "No space left on device") for each in ("org.apache.spark.SparkException", name)
    )
    assert scratch.explained([outer, inner]) is None
