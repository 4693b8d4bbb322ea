"""The contracts of all tables, by layer. The one list that jobs, tests and docs go by."""

from daybook.contracts import checks
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY
from daybook.contracts.sources import CASSANDRA_TABLES, POSTGRES_TABLES, SOURCE_TABLES

FIGURE_TABLES: tuple[GoldTable, ...] = (GLOBAL_USER_ACTIVITY_PER_DAY, GLOBAL_NOTIF_IMPACT_PER_DAY)
LEDGER_TABLES: tuple[GoldTable, ...] = (SOURCE_LEDGER_PER_DAY, REJECTED_ROWS_PER_DAY)
GOLD_TABLES: tuple[GoldTable, ...] = FIGURE_TABLES + LEDGER_TABLES

checks.of_all(SOURCE_TABLES, GOLD_TABLES)

__all__ = ["CASSANDRA_TABLES", "FIGURE_TABLES", "GOLD_TABLES", "LEDGER_TABLES", "POSTGRES_TABLES", "SOURCE_TABLES"]
