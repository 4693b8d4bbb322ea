"""The gold tables of figures, and the source tables that feed none of them."""

from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.sources import SOURCE_TABLES

FIGURE_TABLES: tuple[GoldTable, ...] = (GLOBAL_USER_ACTIVITY_PER_DAY, GLOBAL_NOTIF_IMPACT_PER_DAY)
# Where silver refuses one of these, the day's figures are right all the same.
FEED_NO_FIGURE = tuple(of.name for of in SOURCE_TABLES if not any(of.name in table.reads for table in FIGURE_TABLES))
