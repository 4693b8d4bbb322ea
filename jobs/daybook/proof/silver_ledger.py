"""The ledger of a silver table-day: what must hold before it is published."""

from pathlib import Path
from typing import Any

from daybook import commands
from daybook.contracts.model import SourceTable
from daybook.errors import DataError
from daybook.lake.paths import Batch

# Below so many rejected rows a large share means a small table, not a broken source.
_FEW = 100
# From so many rows on, a table-day of which not one is left means a broken source, however small it is.
_WHOLE_DAY = 10
_RATE_LACKING = ("currency:no_rate", "currency:rate_too_old")


def check_rates(table: SourceTable, batch: Batch, rates_file: Path, ledger: dict[str, Any]) -> None:
    """Where most rows lack a rate, the rates file is to be mended, not the source.

    Raises:
        DataError: so many rows lack one that the table-day is refused.
    """
    reasons = ledger["rejected_by_reason"]
    # A malformed code has no rate either, and no rates file can give it one.
    lacking = sum(reasons.get(reason, 0) for reason in _RATE_LACKING) - reasons.get("currency:malformed", 0)
    if _is_refused(table, ledger["bronze"], lacking):
        raise DataError(
            f"{batch}: {lacking:,} of {ledger['bronze']:,} rows rejected for want of a rate: not a broken source, but "
            f"exchange rates {rates_file} ({reasons})",
            then="add the missing rates (make rates FILE=eurofxref-hist.csv), then run the same command again",
        )


def audit(table: SourceTable, batch: Batch, ledger: dict[str, Any]) -> None:
    """The ledger of silver: bronze, by its manifest, = silver + rejected + duplicates.

    Raises:
        DataError: it does not balance, or all rows of a table-day of ten and more are rejected, or more than the
            contract's share.
    """
    bronze, refused = ledger["bronze"], ledger["rejected"]
    accounted = ledger["silver"] + refused + ledger["duplicates"]
    if bronze != accounted:
        raise DataError(
            f"{batch}: bronze has {bronze:,} rows by its manifest, {accounted:,} are accounted for ({ledger})"
        )
    if _is_refused(table, bronze, refused):
        raise DataError(
            f"{batch}: {refused:,} of {bronze:,} rows rejected: a broken source, not dirty data "
            f"({ledger['rejected_by_reason']})",
            then=f"repair the source, then {commands.read_again(table, batch.day)}, then {batch.command}",
        )


def _is_refused(table: SourceTable, bronze: int, rejected: int) -> bool:
    """Whether so many of the table-day's rows are rejected that none is published."""
    return rejected > max(_FEW, table.max_rejected_share * bronze) or rejected == bronze >= _WHOLE_DAY
