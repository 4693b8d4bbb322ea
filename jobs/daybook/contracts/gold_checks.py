"""What a gold table's contract may not say: refused at import, with table, field and what is right."""

from collections import Counter
from collections.abc import Iterator

from daybook.contracts.checks import NAME, SETTINGS, Finding, columns_in, of_every, unknown_in
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.types import OF_GOLD

_PER_DAY = "_per_day"  # by this end the DAG, which knows no contracts, knows the modules of gold's tables
_NUMBERS = {"int", "bigint", "money", "duration"}
_OWN_LINES = {"gold", "rows"}  # what the ledger of every gold table counts


def of_gold(table: GoldTable) -> Iterator[Finding]:
    """What is wrong with a gold table's contract."""
    yield from of_every(table.name, table.grain, table.column_names, table.meaning_version)
    if not table.name.endswith(_PER_DAY):
        yield Finding("name", repr(table.name), f"gold is made day by day: it ends with {_PER_DAY}")
    yield from _of_columns(table)
    yield from _of_reads(table)
    for setting in table.settings:
        if setting not in SETTINGS:
            yield Finding("settings", f"there is no {setting!r}", f"one of {SETTINGS}")
    yield from _of_ledger(table)


def _of_columns(table: GoldTable) -> Iterator[Finding]:
    for column in table.columns:
        if column.type not in OF_GOLD:
            yield Finding(f"column {column.name}", f"type {column.type!r}", f"one of {OF_GOLD}")
        if not column.description:
            yield Finding(f"column {column.name}", "no description", "say what it means")
    for added in (*(column.again for column in table.columns), "is_final"):
        if added in table.column_names:
            yield Finding(f"column {added}", "the view adds one of that name", "take another")
    dates = [column.name for column in table.columns if column.type == "date"]
    if len(dates) != 1:
        yield Finding("columns", f"{len(dates)} dates ({', '.join(dates) or 'none'})", "one column says which day")


def _of_reads(table: GoldTable) -> Iterator[Finding]:
    if not table.reads:
        yield Finding("reads", "nothing", "name the silver tables that it is made from")
    for name, days in table.reads.items():
        if 0 not in days:
            yield Finding("reads", f"{name} not for the day itself", "day 0 of each is read")
        if list(days) != sorted(set(days)):
            yield Finding("reads", f"{name} for {days}", "each day once, in order")
    for name in table.may_lack:
        if name not in table.reads:
            yield Finding("may_lack", f"{name}, which is not read", f"some of {tuple(table.reads)}")


def _of_ledger(table: GoldTable) -> Iterator[Finding]:
    sums = {line: each.sql for line, each in table.sums.items()}
    for field, lines in (("sums", sums), ("never", table.never)):
        if not lines:
            yield Finding(field, "none", "every day is published with its proof")
        for line, sql in lines.items():
            for name in sorted(unknown_in(sql, table.column_names)):
                yield Finding(field, f"{line} speaks of {name!r}", f"one of {table.column_names}")
            if not columns_in(sql, table.column_names):
                yield Finding(field, f"{line} speaks of no column", f"some of {table.column_names}")
            if not NAME.fullmatch(line) or line.startswith("silver_"):
                yield Finding(field, f"the line {line!r}", "a name; silver_ stands before what silver gives again")
    every = [*table.sums, *table.never, *table.tallies, *{*_OWN_LINES, table.rows_are}]
    for line, count in Counter(every).items():
        if count > 1:
            yield Finding("ledger", f"the line {line!r} {count} times", "each once; gold and rows are counted anyway")
    spoken_of = {
        name for sql in (*sums.values(), *table.never.values()) for name in columns_in(sql, table.column_names)
    }
    for column in table.columns:
        if column.type in _NUMBERS and column.name not in spoken_of:
            yield Finding(f"column {column.name}", "in no line of sums or never", "its sum, or what it never is")
