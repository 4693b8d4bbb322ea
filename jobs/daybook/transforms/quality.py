"""Judging rows: every reason for which a row breaks its contract, then one split."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from daybook.contracts.model import DATE_ORDER, SourceTable
from daybook.days.columns import by_day
from daybook.days.of_days import DAY
from daybook.rates import DayRates
from daybook.transforms.currency import rate_sql
from daybook.transforms.identifiers import is_integer_id
from daybook.transforms.typed import cleaned, in_other_order, typed

# Three generations of each column travel through one plan: as read, as cleaned, as typed.
_RAW, _TEXT = "_raw_", "_text_"
BROKEN, _INTEGER_ID = "_broken", "_integer_id"


@dataclass(frozen=True)
class Judged:
    """Bronze rows, split by whether something is to be said against them.

    `clean` are typed, in the contract's columns. `rejected` are every column as it was read, and `reasons`, an array
    of codes; `by_reason` says whether a row was given each, to be counted where `rejected` are written. Both keep what
    other columns bronze has.
    """

    clean: DataFrame
    rejected: DataFrame
    by_reason: Mapping[str, Column]
    _seen: Observation

    def rejects_once_written(self) -> bool:
        """Whether there are rejected rows. Waits until `clean` are written: asked before, for ever.

        Not how many: before a shuffle, a stage counts a row again whenever it is computed again.
        """
        return bool(self._seen.get["rejected"])

    def integer_ids_once_written(self) -> bool:
        """Whether an id is an integer that no namespace makes a uuid of. Waits until `clean` are written, likewise."""
        return bool(self._seen.get["integer_ids"])


def judge(
    bronze: DataFrame,
    table: SourceTable,
    namespace: UUID | None,
    parameters: Mapping[str, str],
    *,
    month_first: bool = False,
) -> Judged:
    """Type and judge the rows of a table-day; `parameters` are what its rules may name."""
    rows, seen = with_verdict(bronze, table, namespace, parameters, month_first=month_first), Observation()
    alarms = (F.count_if(BROKEN).alias("rejected"), F.count_if(_INTEGER_ID).alias("integer_ids"))
    # Nothing is filtered below an observation. The filter alone would be moved under the projections that it looks at,
    # with all of cleaning and typing repeated in it, once for each condition.
    broken = rows.observe("judged", F.count(F.lit(1)).alias("rows")).where(BROKEN)
    as_read = (F.col(_RAW + name).alias(name) for name in table.column_names)
    why = reasons(table, parameters, month_first=month_first)
    further = _further(bronze, table)
    return Judged(
        clean=rows.observe(seen, *alarms).where(~F.col(BROKEN)).select(*table.column_names, *further),
        rejected=broken.select(*as_read, *further, why.alias("reasons")),
        by_reason={reason: F.array_contains("reasons", reason) for reason in table.reasons},
        _seen=seen,
    )


def with_verdict(
    bronze: DataFrame,
    table: SourceTable,
    namespace: UUID | None,
    parameters: Mapping[str, str],
    *,
    month_first: bool = False,
) -> DataFrame:
    """Bronze rows with their typed columns, their text, and whether something is to be said against them.

    Columns: the contract's, typed; `_raw_<column>`, as read; `_text_<column>`, as cleaned; `_broken`;
    `_integer_id`, whether the row holds an integer id that no namespace makes a uuid of.
    """
    raw = bronze.select(*_further(bronze, table), *(F.col(n).alias(_RAW + n) for n in table.column_names))
    texts = raw.select("*", *(cleaned(_RAW + c.name, c).alias(_TEXT + c.name) for c in table.columns))
    typed_columns = (typed(_TEXT + c.name, c, namespace, month_first=month_first).alias(c.name) for c in table.columns)
    values = texts.select("*", *typed_columns)
    # Most rows are clean: one truth for each, and the reasons for those alone that have any.
    broken = reduce(or_, _objections(table, parameters).values(), F.lit(False))
    ids = (F.col(c.name).isNull() & is_integer_id(F.col(_TEXT + c.name)) for c in table.columns if c.type == "uuid")
    return values.select(
        "*", F.coalesce(broken, F.lit(False)).alias(BROKEN), reduce(or_, ids, F.lit(False)).alias(_INTEGER_ID)
    )


def _further(bronze: DataFrame, table: SourceTable) -> list[str]:
    return [name for name in bronze.columns if name not in table.column_names]


def reasons(table: SourceTable, parameters: Mapping[str, str], *, month_first: bool = False) -> Column:
    """All reasons against a row of `with_verdict`, an array of codes; empty for a row that is not broken."""
    dates = (column.name for column in table.columns if column.type == "timestamp")
    # Such a text is none of its type either: who looks for broken rows need not look at this.
    reversed_ = {name + DATE_ORDER: in_other_order(_TEXT + name, month_first=month_first) for name in dates}
    found = _objections(table, parameters) | reversed_
    return F.array_compact(F.array(*(F.when(condition, F.lit(reason)) for reason, condition in found.items())))


def parameters(latest_plausible: datetime, rates: DayRates, settings: Mapping[str, str]) -> dict[str, str]:
    """The values a rule's predicate may name, as SQL; `settings` are those of the settings that are for rules."""
    return {
        "latest_plausible": f"TIMESTAMP '{latest_plausible.isoformat()}'",
        **settings,
        "rate": rate_sql("currency", rates.valid),
        "rated_currencies": _array_sql([*rates.valid, *rates.too_old]),
        "outdated_currencies": _array_sql(rates.too_old),
    }


def of_days(parameters: Mapping[date, Mapping[str, str]]) -> dict[str, str]:
    """The parameters of several days as those of rows that say in a column `_day` for which day they are."""
    return {
        name: by_day({day: of[name] for day, of in parameters.items()}, DAY) for name in next(iter(parameters.values()))
    }


def _array_sql(texts: Iterable[str]) -> str:
    return f"CAST(array({', '.join(f'{text!r}' for text in texts)}) AS array<string>)"


def _objections(table: SourceTable, parameters: Mapping[str, str]) -> dict[str, Column]:
    """What can be said against a row of `with_verdict`: by reason, whether it is so; NULL means no.

    A required column is judged before typing, a type before the rules; NULL passes every rule.
    """
    found = {}
    for column in table.columns:
        text, value = F.col(_TEXT + column.name), F.col(column.name)
        if column.required:
            found[f"{column.name}:missing"] = text.isNull()
        if column.type != "string":
            found[f"{column.name}:type"] = text.isNotNull() & value.isNull()
    rules = {rule.reason: ~F.expr(rule.predicate.format(**parameters)) for rule in table.all_rules}
    return found | rules
