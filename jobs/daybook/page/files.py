"""The pages as files beside the warehouse: whole at every instant, for those who may read the warehouse."""

import json
import os
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from daybook.page import render
from daybook.page.facts import FORMAT, Facts
from daybook.warehouse import files, rights

FOLDER, DAYS = "daybook", "days"


def write(warehouse: Path, facts: Facts) -> Path:
    """Write a day's facts, its page, the list of all days and the dictionary; returns the page's place.

    Raises:
        UsageError: the folder cannot be written to, or the warehouse's group cannot be given to a page.
        RetryableError: the disk is full, or failed.
    """
    warehouse = warehouse.absolute()
    with files.explained(warehouse):
        warehouse = warehouse.resolve()
        root = warehouse.parent / FOLDER
        folder = root / DAYS
        for each in (warehouse.parent, root, folder):
            _make(each)
        there = {date.fromisoformat(path.stem) for path in folder.glob("????-??-??.html")}
        _replace(folder / f"{facts.day}.json", facts.to_json(), warehouse)
        page = folder / f"{facts.day}.html"
        _replace(page, render.page(facts, {*there, facts.day}), warehouse)
        _replace(root / "index.html", render.index(_listed(folder)), warehouse)
        _replace(root / "dictionary.html", render.dictionary(), warehouse)
    return page


def _make(folder: Path) -> None:
    """A folder that does not hide the files from those who may read them; what is there stays as it is."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _replace(path: Path, text: str, warehouse: Path) -> None:
    """Put a file in place in one step, with mode, group and access list of the warehouse file."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    new = Path(name)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        like = warehouse if warehouse.exists() else path
        if like.exists():
            rights.keep(like, new)
        else:
            rights.begin(new, path)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _listed(folder: Path) -> list[dict[str, Any]]:
    """What the list says of each day that has a page; of one that another version of Daybook wrote, nothing."""
    pages = (
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("????-??-??.json"), reverse=True)
    )
    return [
        {
            "day": date.fromisoformat(page["day"]),
            "verdict": page["verdict"],
            "valid_until": datetime.fromisoformat(page["valid_until"]),
        }
        for page in pages
        if page["format"] == FORMAT
    ]
