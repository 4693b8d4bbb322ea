"""Contract of `source_ledger_per_day`."""

from daybook.contracts.figures import FEED_NO_FIGURE
from daybook.contracts.gold_model import GoldColumn, GoldTable, Sum
from daybook.contracts.sources import SOURCE_TABLES

SOURCE_LEDGER_PER_DAY = GoldTable(
    name="source_ledger_per_day",
    grain="One row per source table and UTC day: what became of every row that was read for the day.",
    columns=(
        GoldColumn("date", "date", "The UTC day."),
        GoldColumn("source_table", "string", "The source table."),
        GoldColumn(
            "source_rows",
            "bigint",
            "Rows by the source's own count; NULL where it gives none, as Cassandra, or bronze is no longer there.",
        ),
        GoldColumn(
            "bronze_rows", "bigint", "Rows read. Of `user_notifications` also the day before's: not to be added."
        ),
        GoldColumn(
            "silver_rows",
            "bigint",
            "Clean rows, one per key; NULL, as the two counts after it, where silver of a table that feeds no figure "
            "was refused.",
        ),
        GoldColumn("rejected_rows", "bigint", "Rows that broke a rule of the table."),
        GoldColumn("duplicate_rows", "bigint", "Rows of a key that another row of the day has, too."),
        GoldColumn("is_complete", "boolean", "Whether the day had ended when it was read."),
        GoldColumn("read_at", "timestamp", "When the source was read; NULL where bronze is no longer there."),
    ),
    reads={table.name: (0,) for table in SOURCE_TABLES},
    rows_are="tables",
    sums={
        "read": Sum("sum(bronze_rows)", proven="where_bronze_is"),
        "clean": Sum("sum(silver_rows)"),
        "refused": Sum("sum(rejected_rows)"),
    },
    never={
        "unaccounted": "bronze_rows <> silver_rows + rejected_rows + duplicate_rows",
        "unread": "source_rows <> bronze_rows",
    },
    is_ledger=True,
    may_lack=FEED_NO_FIGURE,
)
