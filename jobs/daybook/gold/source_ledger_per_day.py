"""`source_ledger_per_day`: silver's ledgers as rows, and their sums again from bronze and from what is stored."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NotRequired, TypedDict

from pyspark.sql import DataFrame

from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY
from daybook.gold.given import Silver

_TABLES = tuple(SOURCE_LEDGER_PER_DAY.reads)


# What bronze's manifests and silver's files give again of a day's ledger.
Proven = TypedDict("Proven", {"tables": int, "read": NotRequired[int], "clean": int, "refused": int})


def rows(silver: Silver, days: Sequence[date]) -> DataFrame:
    """A row for each source table and day, as silver counted while it was made; if it was refused, as it was read."""
    of_each = [(day, name, silver.account(name, day)) for day in days for name in _TABLES]
    return silver.listed(
        (day, name, of.source, of.rows_read, of.silver, of.rejected, of.duplicates, of.complete, of.read_at)
        for day, name, of in of_each
    )


def proof(silver: Silver, days: Sequence[date]) -> Mapping[date, Proven]:
    """Rows read are those of bronze's manifests, rows clean and refused those that the files themselves tell.

    Where a bronze manifest is no longer there, nothing can give the rows read again.
    """
    return {day: _of_day(silver, day) for day in days}


def _of_day(silver: Silver, day: date) -> Proven:
    accounts = [silver.account(name, day) for name in _TABLES]
    proven: Proven = {
        "tables": len(accounts),
        "clean": sum(account.stored for account in accounts),
        "refused": sum(account.stored_rejected for account in accounts),
    }
    bronze = [account.bronze for account in accounts if account.bronze is not None]
    if len(bronze) == len(accounts):
        proven["read"] = sum(bronze)
    return proven
