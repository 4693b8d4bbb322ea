r"""Silver's typing and rules as Polars' expressions: `r_<column>` is the text as read, `t_<column>` cleaned."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

import polars as pl

from benchmarks.peers import meaning
from benchmarks.peers.lake import Lake
from daybook import settings
from daybook.contracts.model import DATE_ORDER, Column, Rule, SourceTable
from daybook.rates import DayRates

_BLANKS = " \t\r\n\u00a0"
_UUID = r"\A[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\z"
_BARE = r"\A([0-9a-fA-F]{8})([0-9a-fA-F]{4})([0-9a-fA-F]{4})([0-9a-fA-F]{4})([0-9a-fA-F]{12})\z"
_NUMBER = r"\A[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?\z"
_PLAIN = "%Y-%m-%dT%H:%M:%S%.6fZ"
_ISO = (
    r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,6})?[0-9]*"
    r"(?:Z|([+-][0-9]{2})(?::?([0-9]{2}))?)?)?\z"
)
_SLASHES = r"\A([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}:[0-9]{2})(:[0-9]{2})?)?\z"
_INSTANT = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Parameters:
    """What rules depend on beside the row."""

    latest_plausible: datetime
    amount_limit: int
    rates: DayRates
    month_first: bool


def parameters(lake: Lake, table: SourceTable, day: date) -> Parameters:
    """From the settings, the rates file and the moment of the extraction."""
    latest, told = meaning.latest_plausible(meaning.read_at(lake, table.name, day)), settings.meaning()
    return Parameters(latest, told.amount_limit, meaning.rates_on(day), told.month_first)


def cleaned(column: Column) -> pl.Expr:
    """The text that is judged."""
    text = pl.col(f"r_{column.name}")
    if not column.trimmed:
        return text
    text = text.str.strip_chars(_BLANKS)
    text = pl.when(text != "").then(text)
    return text.str.to_uppercase() if column.clean == "code" else text


def typed(column: Column, parameters: Parameters) -> pl.Expr:
    """The value; NULL for a text in none of the accepted forms."""
    text = pl.col(f"t_{column.name}")
    if column.type == "uuid":
        lower = text.str.to_lowercase()
        bare = lower.str.replace(_BARE, "$1-$2-$3-$4-$5")
        return pl.when(bare.str.contains(_UUID)).then(bare)
    if column.type == "timestamp":
        return text.map_batches(partial(_instants, parameters.month_first), return_dtype=_INSTANT)
    if column.type.startswith("decimal"):
        return pl.when(text.str.contains(_NUMBER)).then(text.cast(pl.Decimal(18, 6), strict=False))
    return text


def _instants(month_first: bool, texts: pl.Series) -> pl.Series:
    """Most are in bronze's own form; only of the texts that are not, the other forms are tried."""
    plain = texts.str.to_datetime(_PLAIN, time_unit="us", time_zone="UTC", strict=False)
    others = (texts.is_not_null() & plain.is_null()).arg_true()
    return plain.scatter(others, _in_other_forms(texts.gather(others), month_first)) if len(others) else plain


def _in_other_forms(texts: pl.Series, month_first: bool) -> pl.Series:
    text = pl.col("text")
    iso = [text.str.extract(_ISO, number) for number in range(1, 7)]
    defaults = ("00:00", ":00", "", "+00", "00")
    minute, second, fraction, zone, rest = (
        part.fill_null(pl.lit(d)) for part, d in zip(iso[1:], defaults, strict=True)
    )
    whole = text.cast(pl.Int64, strict=False)
    forms = (
        _parsed(pl.concat_str(iso[0], pl.lit("T"), minute, second, fraction, zone, pl.lit(":"), rest), "%.f%:z"),
        _with_slashes(text, month_first),
        pl.when(text.str.contains(r"\A[0-9]{1,10}\z")).then(whole * 1_000_000).cast(_INSTANT),
        pl.when(text.str.contains(r"\A[0-9]{11,15}\z")).then(whole * 1_000).cast(_INSTANT),
    )  # fmt: skip
    return texts.alias("text").to_frame().select(pl.coalesce(forms)).to_series()


def _with_slashes(text: pl.Expr, month_first: bool) -> pl.Expr:
    parts = [text.str.extract(_SLASHES, number) for number in range(1, 6)]
    day, month = (parts[1], parts[0]) if month_first else (parts[0], parts[1])
    time = parts[3].fill_null("00:00"), parts[4].fill_null(":00"), pl.lit("+00:00")
    return _parsed(pl.concat_str(parts[2], pl.lit("-"), month, pl.lit("-"), day, pl.lit("T"), *time), "%:z")


def _parsed(text: pl.Expr, end: str) -> pl.Expr:
    return text.str.to_datetime(f"%Y-%m-%dT%H:%M:%S{end}", time_unit="us", time_zone="UTC", strict=False)


def objections(table: SourceTable, parameters: Parameters) -> dict[str, pl.Expr]:
    """What can be said against a row, by reason: a condition; NULL means no."""
    found, reversed_ = {}, {}
    for column in table.columns:
        text, value = pl.col(f"t_{column.name}"), pl.col(column.name)
        if column.required:
            found[f"{column.name}:missing"] = text.is_null()
        if column.type != "string":
            found[f"{column.name}:type"] = text.is_not_null() & value.is_null()
        if column.type == "timestamp":
            this, other = (_with_slashes(text, first) for first in (parameters.month_first, not parameters.month_first))
            reversed_[column.name + DATE_ORDER] = this.is_null() & other.is_not_null()
    return found | {rule.reason: ~_holds(rule, parameters) for rule in table.all_rules} | reversed_


def _holds(rule: Rule, parameters: Parameters) -> pl.Expr:
    """A contract's rule, written again; one that is not known here ends the peer."""
    name, _, what = rule.reason.partition(":")
    column, listed = pl.col(name), parameters.rates
    if what == "too_old":
        return column >= datetime(2000, 1, 1, tzinfo=UTC)
    if what == "in_future":
        return column <= parameters.latest_plausible
    by_reason = {
        "email:malformed": lambda: column.str.contains(r"\A[^@]+@[^@]+\z"),
        "updated_before_created": lambda: pl.col("updated_at") >= pl.col("created_at"),
        "amount:negative": lambda: column >= 0,
        "amount:implausible": lambda: column * _rate(listed) <= parameters.amount_limit,
        "currency:malformed": lambda: column.str.contains(r"\A[A-Z]{3}\z"),
        "currency:no_rate": lambda: column.is_in([*listed.valid, *listed.too_old]),
        "currency:rate_too_old": lambda: ~column.is_in(list(listed.too_old)),
    }
    return by_reason[rule.reason]()


def _rate(listed: DayRates) -> pl.Expr:
    type_ = pl.Decimal(19, 12)
    old, new = pl.Series(list(listed.valid)), pl.Series(list(listed.valid.values()), dtype=type_)
    return pl.col("currency").replace_strict(old, new, default=None, return_dtype=type_)
