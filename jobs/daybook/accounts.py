"""What became of the rows of a source table on a day, by the manifests of silver and of bronze."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from daybook.lake.manifest import Manifest
from daybook.lake.paths import Batch, Lake


@dataclass(frozen=True)
class Account:
    """What became of the rows of a source table on a day.

    `rows_read`, `silver`, `rejected`, `duplicates` and `reasons` are silver's ledger, as it was counted while silver
    was made; the `stored` ones are told by the files themselves. `source`, `bronze` and `read_at` are bronze's own
    word; None where it is no longer there, or where the source gives no count.
    """

    rows_read: int
    silver: int
    rejected: int
    duplicates: int
    reasons: Mapping[str, int]
    stored: int
    stored_rejected: int
    complete: bool
    source: int | None
    bronze: int | None
    read_at: datetime | None


def account(name: str, silver: Manifest, bronze: Manifest | None) -> Account:
    """The account of a table by silver's manifest, and by that of bronze which it was made from."""
    made = silver.tables[name]
    read = bronze.tables[name] if bronze else None
    return Account(
        rows_read=made.ledger["bronze"],
        silver=made.ledger["silver"],
        rejected=made.ledger["rejected"],
        duplicates=made.ledger["duplicates"],
        reasons=made.ledger["rejected_by_reason"],
        stored=sum(file.rows or 0 for file in made.files),
        stored_rejected=sum(file.rows or 0 for file in made.rejected_files),
        complete=silver.complete,
        source=read.ledger.get("source") if read else None,
        bronze=read.rows if read else None,
        read_at=datetime.fromisoformat(bronze.inputs["read_at"]) if bronze else None,
    )


def bronze_of(lake: Lake, silver: Manifest) -> Batch | None:
    """The bronze batch of this lake that silver was made from; several tables may share one."""
    return next((lake.named("bronze", key) for key in silver.inputs["manifests"]), None)
