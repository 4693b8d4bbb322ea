"""Judging rows: every reason for which a row breaks its contract, then one split."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable
from daybook.rates import DayRates
from daybook.transforms.identifiers import is_integer_id
from daybook.transforms.rates import rate_sql
from daybook.transforms.typed import cleaned, typed

# Three generations of each column travel through one plan: as read, as cleaned, as typed.
_RAW, _TEXT = "_raw_", "_text_"
REASONS = "reasons"
NEEDS_NAMESPACE = "_needs_namespace"


def judged(bronze: DataFrame, table: SourceTable, namespace: UUID | None, parameters: Mapping[str, str]) -> DataFrame:
    """Bronze rows with their typed columns, their raw text and the reasons against them.

    Columns: the contract's, typed; `_raw_<column>`, as read; `reasons`, an array of codes, empty for a clean row;
    `_needs_namespace`, whether the row holds an integer id.
    """
    raw = bronze.select(*(F.col(n).alias(_RAW + n) for n in table.column_names))
    texts = raw.select("*", *(cleaned(_RAW + c.name, c).alias(_TEXT + c.name) for c in table.columns))
    values = texts.select("*", *(typed(_TEXT + c.name, c, namespace).alias(c.name) for c in table.columns))
    ids = [is_integer_id(F.col(_TEXT + c.name)) for c in table.columns if c.type == "uuid"]
    return values.select(
        *table.column_names,
        *(_RAW + n for n in table.column_names),
        _reasons(table, parameters).alias(REASONS),
        F.greatest(F.lit(False), *ids).alias(NEEDS_NAMESPACE),
    )


def clean_rows(rows: DataFrame, table: SourceTable) -> DataFrame:
    """The rows nothing is to be said against, typed."""
    return rows.where(F.size(REASONS) == 0).select(*table.column_names)


def rejected_rows(rows: DataFrame, table: SourceTable) -> DataFrame:
    """The rows with a reason: every bronze column as it was read, and all reasons."""
    rejected = rows.where(F.size(REASONS) > 0)
    return rejected.select(*(F.col(_RAW + n).alias(n) for n in table.column_names), REASONS)


def alarms() -> list[Column]:
    """Aggregates over judged rows that say whether there are such rows at all, and no more than that."""
    return [
        F.count_if(F.size(REASONS) > 0).alias("rejected"),
        F.count_if(NEEDS_NAMESPACE).alias("needs_namespace"),
    ]


def by_reason(table: SourceTable) -> dict[str, Column]:
    """How often each reason was given, over rejected rows."""
    return {reason: F.count_if(F.array_contains(REASONS, reason)) for reason in table.reasons}


def parameters(latest_plausible: datetime, rates: DayRates, amount_limit: int) -> dict[str, str]:
    """The values a rule's predicate may name, as SQL."""
    return {
        "latest_plausible": f"TIMESTAMP '{latest_plausible.isoformat()}'",
        "amount_limit": str(amount_limit),
        "rate": rate_sql("currency", rates.valid),
        "rated_currencies": _list_sql([*rates.valid, *rates.too_old]),
        "outdated_currencies": _list_sql(rates.too_old),
    }


def _list_sql(texts: Iterable[str]) -> str:
    """The texts as a list for IN; an empty one holds NULL, for SQL knows no empty list, and NULL passes."""
    return ", ".join(f"'{text}'" for text in texts) or "NULL"


def _reasons(table: SourceTable, parameters: Mapping[str, str]) -> Column:
    """A required column is judged before typing, a type before the rules; NULL passes every rule."""
    found = []
    for column in table.columns:
        text, value = F.col(_TEXT + column.name), F.col(column.name)
        if column.required:
            found.append(F.when(text.isNull(), F.lit(f"{column.name}:missing")))
        if column.type != "string":
            found.append(F.when(text.isNotNull() & value.isNull(), F.lit(f"{column.name}:type")))
    for rule in table.all_rules:
        holds = F.expr(rule.predicate.format(**parameters))
        found.append(F.when(~holds, F.lit(rule.reason)))
    return F.array_compact(F.array(*found))
