"""`make dictionary`: the contracts as a page to read, docs/data-dictionary.md."""

from collections.abc import Iterable, Iterator
from datetime import date

from daybook.contracts import GOLD_TABLES, POSTGRES_TABLES, SOURCE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.meanings import MEANINGS
from daybook.contracts.model import Column, SourceTable
from toolchain.places import ROOT

PAGE = ROOT / "docs" / "data-dictionary.md"

_DAY = date(2025, 3, 1)  # any
_SOURCES = {"postgres": "PostgreSQL", "cassandra": "Cassandra"}
_HEAD = """# Data dictionary

Written by `make dictionary` from the contracts in `jobs/daybook/contracts/`; a test holds it to them.
What the gold figures mean is told in [gold.md](gold.md).

A rule states what must hold; a row that breaks it is rejected with the rule's code as its reason. A required column
that is empty is `<column>:missing`, a value that is not of its type is `<column>:type`. A date with slashes that is one
only in the other order of day and month than DAYBOOK_DATE_ORDER names is `<column>:date_order`, too.
`{latest_plausible}` is the end of the extraction plus five minutes, `{rate}` the exchange rate of the day for the
row's currency, <settings>, `{rated_currencies}` the currencies with an exchange
rate of any age, `{outdated_currencies}` those whose rate is older than DAYBOOK_RATE_MAX_AGE_DAYS. NULL holds: without a
rate an amount is not judged.

An id is a UUID of 36 characters in either case, or its 32 hexadecimal digits without hyphens, or an integer of at most
19 digits, which becomes a UUID; silver has the lower-case text with hyphens. Upper case is Unicode's full mapping in no
particular language: `i` becomes `I`, `ß` becomes `SS`.
"""

_OF_SETTINGS = ", ".join(f"`{{{each.field}}}` the setting {each.name}" for each in MEANINGS if each.in_rules)
_RIGHTS = """What the extractions' role needs: in PostgreSQL the columns of the contracts and no other, in Cassandra
the keyspace. A view has no `ctid`: leave it out there."""


def page() -> str:
    """The whole page."""
    silver = (line for table in SOURCE_TABLES for line in _source_table(table))
    gold = (line for table in GOLD_TABLES for line in _gold_table(table))
    *in_postgres, in_cassandra = grants("PG_SCHEMA", "CASSANDRA_KEYSPACE")
    rights = ["## Rights", "", _RIGHTS, "", "```postgresql", *in_postgres, "```", "", "```cql", in_cassandra, "```"]
    head = _HEAD.replace("<settings>", _OF_SETTINGS)
    return "\n".join([head, "## Bronze and silver", "", *silver, "## Gold", "", *gold, *rights]).rstrip() + "\n"


def grants(schema: str, keyspace: str, role: str = "daybook") -> list[str]:
    """The statements that let a role read what the contracts name, in both databases' SQL."""
    by_column = [
        f"GRANT SELECT ({', '.join(['ctid', *table.column_names])}) ON {schema}.{table.name} TO {role};"
        for table in POSTGRES_TABLES
    ]
    usage, whole = f"GRANT USAGE ON SCHEMA {schema} TO {role};", f"GRANT SELECT ON KEYSPACE {keyspace} TO {role};"
    return [usage, *by_column, whole]


def _source_table(table: SourceTable) -> Iterator[str]:
    yield from (f"### {table.name}", "", f"{table.grain} From {_SOURCES[table.source]}.", "")
    yield f"- key: {_names(table.key)}" + (f", the latest by {_names((table.latest_by,))}" if table.latest_by else "")
    yield f"- day: {_window(table)}"
    if table.never_read:
        yield f"- never read: {_names(table.never_read)}"
    yield from ("", "| column | type | required | personal | meaning |", "|---|---|---|---|---|")
    for column in table.columns:
        marks = f"{_mark(column.required)} | {_mark(column.personal)}"
        yield f"| {column.name} | {column.type} | {marks} | {column.description}{_cleaning(column)} |"
    yield from ("", "| reason | must hold |", "|---|---|")
    for rule in table.all_rules:
        yield f"| `{rule.reason}` | `{rule.predicate.replace('{{', '{').replace('}}', '}')}` |"
    yield ""


def _gold_table(table: GoldTable) -> Iterator[str]:
    yield from (f"### {table.name}", "", table.grain, "")
    if table.is_ledger:
        yield "- reads the manifests of every source table of the day, in silver and bronze"
    else:
        yield from (f"- reads `{name}` of {_days(days)}" for name, days in table.reads.items())
    made = [(day - _DAY).days for day in table.days_made_for([_DAY])]
    yield f"- so a run for a day makes {_days(made)}; final after the run for {_days([-made[0]])}"
    yield f"- ledger: {_names(('gold', *table.figures, *table.tallies))}"
    yield from ("", "| column | type | personal | meaning |", "|---|---|---|---|")
    for column in table.columns:
        yield f"| {column.name} | {column.type} | {_mark(column.pii)} | {column.description} |"
    yield ""


def _days(offsets: Iterable[int]) -> str:
    return ", ".join("the day" if offset == 0 else f"day {offset:+d}" for offset in offsets)


def _window(table: SourceTable) -> str:
    if table.window is None:
        return "the whole table, as of the extraction"
    back = " or the day before" if table.window.days_back else ""
    return f"`{table.window.column}` in the day{back}"


def _cleaning(column: Column) -> str:
    return " Outer blanks are taken off." if column.type == "string" and column.clean == "trim" else ""


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _mark(flag: bool) -> str:
    return "yes" if flag else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")
