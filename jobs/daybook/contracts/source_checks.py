"""What a source table's contract may not say: refused at import, with table, field and what is right."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import get_args

from daybook.contracts.checks import Finding, of_every, unknown_in
from daybook.contracts.dependence import PARAMETERS
from daybook.contracts.model import Clean, Column, Source, SourceTable
from daybook.contracts.types import OF_SOURCES

ID_KINDS = (
    "user", "group", "activity", "notification", "notification-state", "message", "purchase", "session",
)  # fmt: skip
SOURCES, CLEANINGS = get_args(Source), get_args(Clean)
_OWN_COLUMN = "reasons"  # what silver puts beside the columns of rejected rows
_REASON = re.compile(r"[a-z_]+(:[a-z_]+)?")


def of_source(table: SourceTable) -> Iterator[Finding]:
    """What is wrong with a source table's contract."""
    yield from of_every(table.name, table.grain, table.column_names, table.meaning_version)
    if table.source not in SOURCES:
        yield Finding("source", repr(table.source), f"one of {SOURCES}")
    for column in table.columns:
        yield from _of_column(column)
    yield from _of_key_and_window(table)
    yield from _of_rules(table)
    if not 0 <= table.max_rejected_share <= 1:
        yield Finding("max_rejected_share", str(table.max_rejected_share), "a share is between 0 and 1")
    for name in {*table.never_read} & {*table.column_names}:
        yield Finding("never_read", f"{name!r} is a column", "what is never read is not among the columns")


def _of_column(column: Column) -> Iterator[Finding]:
    field = f"column {column.name}"
    if column.type not in OF_SOURCES:
        yield Finding(field, f"type {column.type!r}", f"one of {OF_SOURCES}")
    if (column.type == "uuid") != (column.id_kind in ID_KINDS):
        yield Finding(field, f"id_kind {column.id_kind!r}", f"a uuid, and only a uuid, has one of {ID_KINDS}")
    if column.clean not in CLEANINGS or (column.clean != "as_is" and column.type != "string"):
        yield Finding(field, f"clean {column.clean!r} of a {column.type}", f"a string is cleaned by {CLEANINGS}")
    if column.may_be_future and column.type != "timestamp":
        yield Finding(field, f"a {column.type} that may be in the future", "only a timestamp may")
    if not column.description:
        yield Finding(field, "no description", "say what it means")
    if column.name == _OWN_COLUMN:
        yield Finding(field, "a name that silver uses itself", "take another")


def _of_key_and_window(table: SourceTable) -> Iterator[Finding]:
    types = {column.name: column.type for column in table.columns}
    if not table.key or len(set(table.key)) != len(table.key):
        yield Finding("key", str(table.key), "some columns, each once")
    for name in table.key:
        if name not in types or not table.column(name).required:
            yield Finding("key", f"{name!r}", "a column that is required")
    if table.latest_by is not None and types.get(table.latest_by) != "timestamp":
        yield Finding("latest_by", f"{table.latest_by!r}", "a column that is a timestamp")
    if table.window is None:
        if table.source == "cassandra":
            yield Finding("window", "none", "a Cassandra table is read by day")
        return
    if types.get(table.window.column) != "timestamp" or not table.column(table.window.column).required:
        yield Finding("window", f"{table.window.column!r}", "a column that is a timestamp, and required")
    if table.window.days_back < 0:
        yield Finding("window", f"{table.window.days_back} days back", "0 or more")


def _of_rules(table: SourceTable) -> Iterator[Finding]:
    for reason, count in Counter(table.reasons).items():
        if count > 1:
            yield Finding("rules", f"the reason {reason!r} {count} times", "each once; missing and type are given")
    for rule in table.rules:
        if not _REASON.fullmatch(rule.reason):
            yield Finding("rules", f"the reason {rule.reason!r}", "words, or column:words, in small letters")
        elif ":" in rule.reason and rule.reason.partition(":")[0] not in table.column_names:
            yield Finding("rules", f"the reason {rule.reason!r} of no column", f"one of {table.column_names}")
        for name in sorted(unknown_in(rule.predicate, table.column_names)):
            yield Finding("rules", f"{rule.reason} speaks of {name!r}", f"one of {table.column_names}")
        for name in sorted(rule.asks_for):
            if name not in PARAMETERS:
                yield Finding("rules", f"{rule.reason} asks for {{{name}}}", f"one of {sorted(PARAMETERS)}")
    if table.uses_rates and "currency" not in table.column_names:
        yield Finding("rules", "one asks for a rate", "rates need a column 'currency'")
