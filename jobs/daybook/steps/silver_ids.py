"""Table-days of integer ids without a namespace: refused, because one setting makes all of their rows right."""

from collections.abc import Mapping

from daybook.contracts.model import SourceTable
from daybook.days.of_days import OfDays
from daybook.errors import UsageError
from daybook.lake.paths import Batch
from daybook.transforms import integer_ids

_THEN = "export DAYBOOK_ID_NAMESPACE=<a UUID of yours, the same for ever>"


def refused(bronze: OfDays, table: SourceTable, sources: Mapping[Batch, Batch]) -> dict[Batch, UsageError]:
    """Return the batches of silver, given with those of bronze, in which most ids of a column are integers.

    An odd integer among UUIDs is dirt in its own row: for it alone, a namespace would be the wrong advice.
    Counted by a query of its own, which adds up each row once.
    """
    found = integer_ids.columns(bronze, table).first()
    assert found is not None, "an aggregate of all rows has one"
    columns = {batch: found[str(batch.day)] for batch in sources}
    return {
        batch: UsageError(f"{sources[batch]}: most ids in {table.name}.{column} are integers", then=_THEN)
        for batch, column in columns.items()
        if column
    }
