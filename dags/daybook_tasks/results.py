"""What is known of a day when its tasks are done: rows from the analysts' file, the verdict from the page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from daybook_tasks import places

# Run by the environment of DuckDB, when the day is verified: the rows of each table of gold for the days from $1 to $2,
# and those that silver rejected. Of several days they are not added: user_notifications counts each day's twice.
REJECTED = "rejected"
ROWS = f"""
SELECT table_name, sum(rows)::BIGINT FROM load_history WHERE is_current AND ds BETWEEN $1 AND $2 GROUP BY table_name
UNION ALL
SELECT '{REJECTED}', sum(rejected_rows)::BIGINT FROM source_ledger_per_day WHERE date = $1 AND $1 = $2
"""
FORMAT = 1


@dataclass(frozen=True)
class PageVerdict:
    """May the day be used, in the page's words: `state` is final, provisional, unknown or red."""

    state: str
    headline: str
    reasons: tuple[str, ...] = ()
    next: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether nobody needs to hear of it."""
        return self.state != "red" and not self.reasons


Verdicts: TypeAlias = Mapping[str, PageVerdict | None]


def verdicts(first: str, last: str) -> Verdicts:
    """The verdict on each day from the first to the last; None for a day without a page.

    Raises:
        ValueError: facts are in another format than the one known here.
    """
    begin, end = (date.fromisoformat(day).toordinal() for day in (first, last))
    days = [str(date.fromordinal(number)) for number in range(begin, end + 1)]
    return {day: verdict(day) if places.page(day, "json").exists() else None for day in days}


def worst(verdicts: Verdicts) -> str:
    """The day that counts for all: one without a page, else a red one, else one that is not good; the last of several."""

    def badness(day: str) -> tuple[int, str]:
        found = verdicts[day]
        bad = 3 if found is None else 2 if found.state == "red" else int(not found.is_good)
        return bad, day

    return max(verdicts, key=badness)


def verdict(day: str) -> PageVerdict:
    """The verdict on a day, from the facts beside its page.

    Raises:
        OSError: there are none.
        ValueError: they are in another format than the one known here.
    """
    file = places.page(day, "json")
    told = json.loads(file.read_text(encoding="utf-8"))
    if told.get("format") != FORMAT:
        raise ValueError(f"{file} has format {told.get('format')!r}, this DAG reads {FORMAT}: bring both up to date")
    given = told["verdict"]
    return PageVerdict(given["state"], given["headline"], tuple(given["reasons"]), given.get("next"))
