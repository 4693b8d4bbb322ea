"""Folders for temporary files: a missing one is made, and of several one has to do."""

from pathlib import Path

from daybook.errors import UsageError
from daybook.spark.scratch import Use


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
