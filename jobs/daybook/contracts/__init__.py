"""The contracts of all tables, by layer. The one list that jobs, tests and docs go by."""

from daybook.contracts import registry_checks
from daybook.contracts.figures import FEED_NO_FIGURE, FIGURE_TABLES
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY
from daybook.contracts.sources import CASSANDRA_TABLES, POSTGRES_TABLES, SOURCE_TABLES

LEDGER_TABLES: tuple[GoldTable, ...] = (SOURCE_LEDGER_PER_DAY, REJECTED_ROWS_PER_DAY)
GOLD_TABLES: tuple[GoldTable, ...] = FIGURE_TABLES + LEDGER_TABLES

registry_checks.check(SOURCE_TABLES, GOLD_TABLES)

__all__ = [
    "CASSANDRA_TABLES",
    "FEED_NO_FIGURE",
    "FIGURE_TABLES",
    "GOLD_TABLES",
    "LEDGER_TABLES",
    "POSTGRES_TABLES",
    "SOURCE_TABLES",
]
