"""Facts → HTML: one file that opens from disk, offline, and holds no script but the clock's."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from daybook import commands, days
from daybook.page import charts, cost, formatting
from daybook.page.dictionary import relations
from daybook.page.facts import Facts

STATES = {
    "final": ("✓", "usable and final"),
    "provisional": ("◔", "provisional"),
    "unknown": ("?", "not known"),
    "restated": ("↻", "restated last night"),
    "over": ("!", "over a limit"),
    "missing": ("✕", "missing"),
    "before": ("·", "before the first day"),
    "red": ("✕", "do not use"),
}


def page(facts: Facts, pages: Collection[date]) -> str:
    """The page of a day; `pages` are the days that have one to link to."""
    jobs = [job for job in cost.JOBS if any(job in night.seconds for night in facts.cost.nights)]
    lines = {name: charts.line(figure) for name, figure in facts.figures.items()}
    before = days.shifted(facts.day, -1)
    return (
        _templates()
        .get_template("day.html.j2")
        .render(
            facts=facts,
            lines=lines,
            jobs=jobs,
            nights=charts.nights(facts.cost.nights, jobs) if jobs else "",
            pages=pages,
            before=before if before in pages else None,
            verify=commands.verify(facts.day),
            whole_day=commands.whole_day(facts.day),
        )
    )


def index(listed: Sequence[dict[str, Any]]) -> str:
    """The list of all days, newest first, each with the day, the verdict and the `valid_until` of its JSON."""
    return _templates().get_template("index.html.j2").render(newest=listed[0], listed=listed)


@cache
def dictionary() -> str:
    """The tables, views and columns of the warehouse file, and what each means."""
    return _templates().get_template("dictionary.html.j2").render(relations=list(relations()))


@cache
def _templates() -> Environment:
    folder = Path(__file__).parent / "templates"
    env = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {write.__name__: write for write in formatting.FOR_TEMPLATES}
    env.filters |= {"bytes": formatting.bytes_, "points": charts.points}
    env.globals["states"] = STATES
    return env
