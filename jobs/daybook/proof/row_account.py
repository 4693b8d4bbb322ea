"""What became of the rows of a source table on a day, by the manifests of silver and of bronze."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from daybook.lake.manifest import Manifest
from daybook.sources.extraction import read_at


@dataclass(frozen=True)
class Account:
    """What became of the rows of a source table on a day.

    `rows_read`, `silver`, `rejected`, `duplicates` and `reasons` are silver's ledger, as it was counted while silver
    was made; the `stored` ones are told by the files themselves. `source`, `bronze` and `read_at` are bronze's own
    word; None where it is no longer there, or where the source gives no count.

    Where silver was refused, the rows read are bronze's, and nobody knows which of them are clean.
    """

    rows_read: int | None
    silver: int | None
    rejected: int | None
    duplicates: int | None
    reasons: Mapping[str, int]
    stored: int
    stored_rejected: int
    complete: bool | None
    source: int | None
    bronze: int | None
    read_at: datetime | None


def of(name: str, silver: Manifest | None, bronze: Manifest | None) -> Account:
    """The account of a table by silver's manifest, if it was not refused, and by that of bronze."""
    made, read = (of.tables.get(name) if of else None for of in (silver, bronze))
    known = silver or bronze
    ledger: Mapping[str, Any] = made.ledger if made else {"bronze": read.rows if read else None}
    return Account(
        rows_read=ledger["bronze"],
        silver=ledger.get("silver"),
        rejected=ledger.get("rejected"),
        duplicates=ledger.get("duplicates"),
        reasons=ledger.get("rejected_by_reason", {}),
        stored=sum(file.rows or 0 for file in made.files) if made else 0,
        stored_rejected=sum(file.rows or 0 for file in made.rejected_files) if made else 0,
        complete=known.complete if known else None,
        source=read.ledger.get("source") if read else None,
        bronze=read.rows if read else None,
        read_at=read_at(bronze, name) if bronze else None,
    )
