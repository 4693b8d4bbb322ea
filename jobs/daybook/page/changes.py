"""Did anything that I have already used change? What the loads since the day came have restated."""

from datetime import date

from daybook.page.facts import Changes, Restated
from daybook.page.warehouse import Warehouse
from daybook.warehouse import restatements

MOST = 20

# The load that first brought the day into the file; on a night that loaded nothing, the last there was.
_SINCE = """
SELECT coalesce(min(loaded_at) FILTER (WHERE ds = ?), max(loaded_at))::TIMESTAMPTZ FROM load_history
"""
_RESTATED = f"""
SELECT date, table_name, figure, before::DOUBLE, after::DOUBLE, causes, was_final
FROM {restatements.TABLE.name} WHERE loaded_at >= ? AND was_final IS DISTINCT FROM false
ORDER BY was_final DESC NULLS LAST, date DESC, table_name, figure
"""
_PROVISIONAL = f"SELECT count(*) FROM {restatements.TABLE.name} WHERE loaded_at >= ? AND NOT was_final"


def since_loaded(warehouse: Warehouse, day: date) -> Changes:
    """What changed since the day was first loaded, final figures first and one by one."""
    since = warehouse.rows(_SINCE, [day])[0][0]
    if since is None or not warehouse.has(restatements.TABLE.name):
        return Changes(since)
    rows = [Restated(*row) for row in warehouse.rows(_RESTATED, [since])]
    [(provisional,)] = warehouse.rows(_PROVISIONAL, [since])
    return Changes(since, tuple(rows[:MOST]), max(0, len(rows) - MOST), provisional)
