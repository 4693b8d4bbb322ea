"""Silver of one table-day by pandas: types, rules, reasons, one row per key."""

from datetime import datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from daybook.contracts.model import DATE_ORDER, Column, Rule, SourceTable
from daybook.rates import DayRates

_BLANKS = " \t\r\n\u00a0"
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_BARE = "^([0-9a-fA-F]{8})([0-9a-fA-F]{4})([0-9a-fA-F]{4})([0-9a-fA-F]{4})([0-9a-fA-F]{12})$"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
_ISO = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,6})?[0-9]*"
    r"(?:Z|([+-][0-9]{2})(?::?([0-9]{2}))?)?)?$"
)
_SLASHES = r"^([0-9]{2})/([0-9]{2})/([0-9]{4})(?: ([0-9]{2}:[0-9]{2})(:[0-9]{2})?)?$"
_MONEY, _RATE = pa.decimal128(18, 6), pa.decimal128(19, 12)


def made(
    raw: pd.DataFrame, table: SourceTable, latest: datetime, rates: DayRates, limit: int, month_first: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean and rejected rows of a table-day, from its texts."""
    texts = pd.DataFrame({c.name: _cleaned(raw[c.name].astype("str"), c) for c in table.columns})
    values = pd.DataFrame({c.name: _typed(texts[c.name], c, month_first) for c in table.columns})
    against = _objections(texts, values, table)
    for rule in table.all_rules:
        against[rule.reason] = ~_holds(values, rule, latest, rates, limit)
    for name in (c.name for c in table.columns if c.type == "timestamp"):
        this, other = (_with_slashes(texts[name], first) for first in (month_first, not month_first))
        against[name + DATE_ORDER] = this.isna() & other.notna()
    broken = pd.DataFrame(against).fillna(False).astype(bool)
    is_bad = broken.any(axis=1)
    bad, reasons = broken[is_bad], list(against)
    found = [[reason for reason, said in zip(reasons, row, strict=True) if said] for row in bad.to_numpy()]
    rejected = raw[is_bad].assign(reasons=pd.Series(found, index=bad.index, dtype=pd.ArrowDtype(pa.list_(pa.string()))))
    first = [table.latest_by] * bool(table.latest_by)
    order = first + [name for name in table.column_names if name not in first]
    clean = values[~is_bad].sort_values(order, na_position="first").drop_duplicates(list(table.key), keep="last")
    return clean, rejected


def money_of(purchases: pd.DataFrame, rates: DayRates) -> pa.Array:
    """Each purchase in the reporting currency, exact; NULL where its currency has no rate."""
    rate = pa.array([rates.valid.get(code) for code in purchases["currency"]], _RATE)
    return pa.compute.multiply(pa.array(purchases["amount"], _MONEY), rate)


def _at_most(money: pa.Array, limit: int) -> pd.Series:
    """Whether each is; missing where the money is."""
    within = pa.compute.less_equal(money, pa.scalar(Decimal(limit), money.type))
    return within.to_pandas(types_mapper=pd.ArrowDtype)


def _cleaned(text: pd.Series, column: Column) -> pd.Series:
    if not column.trimmed:
        return text
    text = text.str.strip(_BLANKS)
    text = text.mask(text == "")
    return text.str.upper() if column.clean == "code" else text


def _typed(text: pd.Series, column: Column, month_first: bool) -> pd.Series:
    if column.type == "uuid":
        lower = text.str.lower()
        known = lower.str.fullmatch(_UUID)
        bare = lower[~known.fillna(True).astype(bool)].str.replace(_BARE, r"\1-\2-\3-\4-\5", regex=True)
        return lower.where(known).fillna(bare.where(bare.str.fullmatch(_UUID)))
    if column.type == "timestamp":
        return _instants(text, month_first)
    if column.type.startswith("decimal"):
        return text.where(text.str.fullmatch(_NUMBER)).astype(pd.ArrowDtype(_MONEY))
    return text


def _instants(text: pd.Series, month_first: bool) -> pd.Series:
    """Most are in bronze's own form; only of the texts that are not, the other forms are tried."""
    plain = _parsed(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    others = text[plain.isna() & text.notna()]
    if others.empty:
        return plain
    iso = others.str.extract(_ISO)
    for parts, at, default in ((iso, 1, "00:00"), (iso, 2, ":00"), (iso, 3, ".0"), (iso, 4, "+00"), (iso, 5, "00")):
        parts[at] = parts[at].fillna(default)
    zoned = _parsed(iso[0] + "T" + iso[1] + iso[2] + iso[3] + iso[4] + ":" + iso[5], "%Y-%m-%dT%H:%M:%S.%f%z")
    found = zoned.fillna(_with_slashes(others, month_first))
    for digits, unit in ((r"[0-9]{1,10}", "s"), (r"[0-9]{11,15}", "ms")):
        whole = pd.to_numeric(others.where(others.str.fullmatch(digits)), errors="coerce")
        found = found.fillna(pd.to_datetime(whole, unit=unit, utc=True, errors="coerce").dt.as_unit("us"))
    return plain.fillna(found)


def _with_slashes(text: pd.Series, month_first: bool) -> pd.Series:
    parts = text.str.extract(_SLASHES)
    day, month = (parts[1], parts[0]) if month_first else (parts[0], parts[1])
    iso = parts[2] + "-" + month + "-" + day + "T" + parts[3].fillna("00:00") + parts[4].fillna(":00")
    return _parsed(iso, "%Y-%m-%dT%H:%M:%S")


def _parsed(text: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(text, format=form, utc=True, errors="coerce").dt.as_unit("us")


def _objections(texts: pd.DataFrame, values: pd.DataFrame, table: SourceTable) -> dict[str, pd.Series]:
    """What can be said of presence and type, by reason."""
    found = {}
    for column in table.columns:
        text, value = texts[column.name], values[column.name]
        if column.required:
            found[f"{column.name}:missing"] = text.isna()
        if column.type != "string":
            found[f"{column.name}:type"] = text.notna() & value.isna()
    return found


def _holds(values: pd.DataFrame, rule: Rule, latest: datetime, rates: DayRates, limit: int) -> pd.Series:
    """Whether a contract's rule holds, written again; what is missing passes, an unknown rule ends the peer."""
    name, _, what = rule.reason.partition(":")
    column = values.get(name, pd.Series(dtype="str"))
    if what == "too_old":
        return column.isna() | (column >= pd.Timestamp("2000-01-01", tz="UTC"))
    if what == "in_future":
        return column.isna() | (column <= pd.Timestamp(latest))
    by_reason = {
        "email:malformed": lambda: column.str.fullmatch("[^@]+@[^@]+"),
        "updated_before_created": lambda: values["updated_at"] >= values["created_at"],
        "amount:negative": lambda: column >= 0,
        "amount:implausible": lambda: _at_most(money_of(values, rates), limit).set_axis(column.index),
        "currency:malformed": lambda: column.str.fullmatch("[A-Z]{3}"),
        "currency:no_rate": lambda: column.isin([*rates.valid, *rates.too_old]),
        "currency:rate_too_old": lambda: ~column.isin(rates.too_old),
    }
    passes = values["created_at"].isna() if rule.reason == "updated_before_created" else column.isna()
    return passes | by_reason[rule.reason]().fillna(True).astype(bool)
