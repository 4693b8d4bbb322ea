r"""Silver's typing and rules as DuckDB's SQL: `r_<column>` is the text as read, `t_<column>` cleaned."""

import re
from collections.abc import Mapping
from datetime import date

from benchmarks.peers import meaning
from benchmarks.peers.lake import Lake
from daybook import settings
from daybook.contracts.model import DATE_ORDER, Column, Rule, SourceTable
from daybook.rates import DayRates

_BLANKS = " \t\r\n\u00a0"
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_PLAIN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
_ISO = (
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,6})?[0-9]*"
    r"(?:Z|([+-][0-9]{2})(?::?([0-9]{2}))?)?)?"
)
_SLASHES = r"[0-9]{2}/[0-9]{2}/[0-9]{4}( [0-9]{2}:[0-9]{2}(:[0-9]{2})?)?"


def read_csv(files: list[str]) -> str:
    """Bronze as a relation of texts."""
    return (
        f"read_csv({files!r}, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"',"
        " allow_quoted_nulls = false, max_line_size = 20_000_000)"
    )


def cleaned(column: Column) -> str:
    """The text that is judged."""
    if not column.trimmed:
        return f"r_{column.name}"
    text = f"nullif(trim(r_{column.name}, '{_BLANKS}'), '')"
    return f"upper({text})" if column.clean == "code" else text


def typed(column: Column, *, month_first: bool = False) -> str:
    """The value; NULL for a text in none of the accepted forms."""
    text = f"t_{column.name}"
    if column.type == "uuid":
        bare = f"regexp_replace({text}, '(.{{8}})(.{{4}})(.{{4}})(.{{4}})(.{{12}})', '\\1-\\2-\\3-\\4-\\5')"
        return (
            f"CASE WHEN regexp_full_match({text}, '{_UUID}') THEN lower({text})"
            f" WHEN regexp_full_match({text}, '[0-9a-fA-F]{{32}}') THEN lower({bare}) END"
        )
    if column.type == "timestamp":
        return _instant(text, month_first=month_first)
    if column.type.startswith("decimal"):
        return f"CASE WHEN regexp_full_match({text}, '{_NUMBER}') THEN try_cast({text} AS {column.type}) END"
    return text


def _instant(text: str, *, month_first: bool) -> str:
    """Most are in bronze's own form; only where they are not, the others are tried."""
    day, minute, second, fraction, zone, rest = (f"regexp_extract({text}, '^{_ISO}$', {n})" for n in range(1, 7))
    time = _or(minute, "00:00"), _or(second, ":00"), fraction, _or(zone, "+00"), "':'", _or(rest, "00")
    iso = " || ".join((day, "' '", *time))
    return f"""CASE
        WHEN regexp_full_match({text}, '{_PLAIN}') THEN try_cast({text} AS TIMESTAMPTZ)
        WHEN regexp_full_match({text}, '{_ISO}') THEN try_cast({iso} AS TIMESTAMPTZ)
        WHEN regexp_full_match({text}, '{_SLASHES}') THEN {_with_slashes(text, month_first)} AT TIME ZONE 'UTC'
        WHEN regexp_full_match({text}, '[0-9]{{1,10}}') THEN to_timestamp(try_cast({text} AS BIGINT))
        WHEN regexp_full_match({text}, '[0-9]{{11,15}}') THEN
            make_timestamp_ms(try_cast({text} AS BIGINT)) AT TIME ZONE 'UTC'
        END"""


def _with_slashes(text: str, month_first: bool) -> str:
    date = "%m/%d/%Y" if month_first else "%d/%m/%Y"
    return f"try_strptime({text}, ['{date} %H:%M:%S', '{date} %H:%M', '{date}'])"


def _or(text: str, default: str) -> str:
    return f"coalesce(nullif({text}, ''), '{default}')"


def objections(table: SourceTable, parameters: Mapping[str, str], *, month_first: bool = False) -> dict[str, str]:
    """What can be said against a row, by reason: a condition; NULL means no."""
    found, reversed_ = {}, {}
    for column in table.columns:
        if column.required:
            found[f"{column.name}:missing"] = f"t_{column.name} IS NULL"
        if column.type != "string":
            found[f"{column.name}:type"] = f"t_{column.name} IS NOT NULL AND {column.name} IS NULL"
        if column.type == "timestamp":
            text = f"t_{column.name}"
            this, other = (_with_slashes(text, first) for first in (month_first, not month_first))
            is_date = f"regexp_full_match({text}, '{_SLASHES}')"
            reversed_[column.name + DATE_ORDER] = f"{is_date} AND {this} IS NULL AND {other} IS NOT NULL"
    rules = {rule.reason: f"NOT ({_predicate(rule, parameters)})" for rule in table.all_rules}
    return found | rules | reversed_


def _predicate(rule: Rule, parameters: Mapping[str, str]) -> str:
    """A contract's rule, which Spark reads, in DuckDB's words."""
    said = rule.predicate.format(**parameters).replace("TIMESTAMP '", "TIMESTAMPTZ '")
    return re.sub(r"(\w+) RLIKE '\\\\A(.*)\\\\z'", r"regexp_full_match(\1, '\2')", said)


def parameters(lake: Lake, table: SourceTable, day: date) -> dict[str, str]:
    """The values that rules may name, from the settings, the rates file and the moment of the extraction."""
    listed, latest = meaning.rates_on(day), meaning.latest_plausible(meaning.read_at(lake, table.name, day))
    return {
        "latest_plausible": f"TIMESTAMP '{latest.isoformat()}'",
        **settings.meaning().in_rules,
        "rate": rate(listed),
        "rated_currencies": _array([*listed.valid, *listed.too_old]),
        "outdated_currencies": _array(list(listed.too_old)),
    }


def rate(listed: DayRates) -> str:
    """The rate of a row's currency; NULL for one without."""
    each = (f"WHEN '{code}' THEN CAST('{rate:f}' AS DECIMAL(19, 12))" for code, rate in listed.valid.items())
    return f"CASE currency {' '.join(each)} END"


def _array(codes: list[str]) -> str:
    return f"{codes!r}::VARCHAR[]"
