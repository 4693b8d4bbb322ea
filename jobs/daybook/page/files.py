"""The pages as files beside the warehouse: whole at every instant, for those who may read the warehouse."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from daybook.log import log
from daybook.page import render
from daybook.page.facts import FORMAT, Facts
from daybook.settings import beside
from daybook.warehouse import files, rights

DAYS = "days"


def write(warehouse: Path, facts: Facts) -> Path:
    """Write a day's facts, its page, the list of all days and the dictionary; returns the page's place.

    Raises:
        UsageError: the folder cannot be written to, or the warehouse's group cannot be given to a page.
        RetryableError: the disk is full, or failed.
    """
    warehouse = warehouse.absolute()
    with files.explaining(warehouse):
        warehouse = warehouse.resolve()
        page = page_of(warehouse, facts.day)
        folder = page.parent
        root = folder.parent
        for each in (warehouse.parent, root, folder):
            _make(each)
        there = {date.fromisoformat(path.stem) for path in folder.glob("????-??-??.html")}
        _replace(folder / f"{facts.day}.json", facts.to_json(), warehouse)
        _replace(page, render.page(facts, {*there, facts.day}), warehouse)
        _replace(root / "index.html", render.index(list(_listed(folder))), warehouse)
        _replace(root / "dictionary.html", render.dictionary(), warehouse)
    return page


def page_of(warehouse: Path, day: date) -> Path:
    """The place of a day's page."""
    return beside.folder(warehouse) / DAYS / f"{day}.html"


def _make(folder: Path) -> None:
    """A folder that does not hide the files from those who may read them; what is there stays as it is."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _replace(path: Path, text: str, warehouse: Path) -> None:
    """Put a file in place in one step, with mode, group and access list of the warehouse file."""
    with beside.replacing(path) as new:
        new.write_text(text, encoding="utf-8")
        like = warehouse if warehouse.exists() else path
        if like.exists():
            rights.keep(like, new)
        else:
            rights.begin(new, path)


def _listed(folder: Path) -> Iterator[dict[str, Any]]:
    """What the list says of each day that has a page; of one that another version of Daybook wrote, nothing."""
    for path in sorted(folder.glob("????-??-??.json"), reverse=True):
        try:
            page = json.loads(path.read_text(encoding="utf-8"))
            if page["format"] == FORMAT:
                yield {
                    "day": date.fromisoformat(page["day"]),
                    "verdict": page["verdict"],
                    "valid_until": datetime.fromisoformat(page["valid_until"]),
                }
        except (ValueError, KeyError, TypeError):
            log.warning("%s: not what a page is made of, left aside", path)
