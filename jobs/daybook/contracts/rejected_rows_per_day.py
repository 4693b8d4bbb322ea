"""Contract of `rejected_rows_per_day`."""

from daybook.contracts.figures import FEED_NO_FIGURE
from daybook.contracts.gold_model import GoldColumn, GoldTable, Sum
from daybook.contracts.sources import SOURCE_TABLES

REJECTED_ROWS_PER_DAY = GoldTable(
    name="rejected_rows_per_day",
    grain="One row per reason for which rows of a source table and UTC day were rejected.",
    columns=(
        GoldColumn("date", "date", "The UTC day."),
        GoldColumn("source_table", "string", "The source table."),
        GoldColumn("reason", "string", "The rule that was broken, as the data dictionary lists it."),
        GoldColumn("rejected_rows", "bigint", "Rows that broke it. A row may break several: not to be added."),
    ),
    reads={table.name: (0,) for table in SOURCE_TABLES},
    rows_are="reasons",
    sums={"given": Sum("sum(rejected_rows)")},
    never={"idle": "rejected_rows < 1"},
    is_ledger=True,
    may_lack=FEED_NO_FIGURE,
)
