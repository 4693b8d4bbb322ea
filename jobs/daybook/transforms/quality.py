"""Judging rows: every reason for which a row breaks its contract, then one split."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from daybook.contracts.model import SourceTable
from daybook.rates import DayRates
from daybook.transforms.identifiers import is_integer_id
from daybook.transforms.rates import rate_sql
from daybook.transforms.typed import cleaned, typed

# Three generations of each column travel through one plan: as read, as cleaned, as typed.
_RAW, _TEXT = "_raw_", "_text_"
_REASONS, _NEEDS_NAMESPACE = "reasons", "_needs_namespace"


@dataclass(frozen=True)
class Judged:
    """Bronze rows, split by whether something is to be said against them.

    `clean` are typed, in the contract's columns. `rejected` are every column as it was read, and `reasons`, an array
    of codes; `by_reason` says how often each was given, to be counted where `rejected` are written.
    """

    clean: DataFrame
    rejected: DataFrame
    by_reason: Mapping[str, Column]
    _seen: Observation

    @property
    def any_rejected(self) -> bool:
        """Whether there are rejected rows; known when `clean` were written.

        Not how many: before a shuffle, a stage counts a row again whenever it is computed again.
        """
        return bool(self._seen.get["rejected"])

    @property
    def needs_namespace(self) -> bool:
        """Whether there are integer ids, which only a namespace makes uuids of; known when `clean` were written."""
        return bool(self._seen.get["needs_namespace"])


def judge(bronze: DataFrame, table: SourceTable, namespace: UUID | None, parameters: Mapping[str, str]) -> Judged:
    """Type and judge the rows of a table-day; `parameters` are what its rules may name."""
    rows, seen = with_reasons(bronze, table, namespace, parameters), Observation()
    alarms = (
        F.count_if(F.size(_REASONS) > 0).alias("rejected"),
        F.count_if(_NEEDS_NAMESPACE).alias("needs_namespace"),
    )
    as_read = (F.col(_RAW + name).alias(name) for name in table.column_names)
    return Judged(
        clean=rows.observe(seen, *alarms).where(F.size(_REASONS) == 0).select(*table.column_names),
        rejected=rows.where(F.size(_REASONS) > 0).select(*as_read, _REASONS),
        by_reason={reason: F.count_if(F.array_contains(_REASONS, reason)) for reason in table.reasons},
        _seen=seen,
    )


def with_reasons(
    bronze: DataFrame, table: SourceTable, namespace: UUID | None, parameters: Mapping[str, str]
) -> DataFrame:
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
        _reasons(table, parameters).alias(_REASONS),
        F.greatest(F.lit(False), *ids).alias(_NEEDS_NAMESPACE),
    )


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
