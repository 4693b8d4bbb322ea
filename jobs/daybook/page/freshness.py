"""How fresh is it: when the day ended, when its sources were read, when it was loaded, how old its rates are."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from daybook import days
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY as LEDGER
from daybook.page.facts import Freshness
from daybook.page.warehouse import Warehouse
from daybook.warehouse import day_origins


def of_day(warehouse: Warehouse, day: date) -> Freshness:
    """The instants of the day, as far as the file knows them."""
    first = last = None
    if warehouse.has(LEDGER.name):
        [(first, last)] = warehouse.rows(f"SELECT min(read_at), max(read_at) FROM {LEDGER.name} WHERE date = ?", [day])
    query = "SELECT max(loaded_at)::TIMESTAMPTZ FROM load_history WHERE is_current AND ds = ?"
    [(loaded,)] = warehouse.rows(query, [day])
    rates = {currency: date.fromisoformat(since) for currency, since in origin(warehouse, day)["valid_from"].items()}
    oldest = min(rates, key=lambda currency: (rates[currency], currency), default=None)
    since = rates[oldest] if oldest else None
    return Freshness(days.ends(day), first, last, loaded, oldest, since, (day - since).days if since else None)


def currency(warehouse: Warehouse, day: date) -> str:
    """The currency that the day's money was reckoned in; empty where the file does not know."""
    return str(origin(warehouse, day)["own"].get("settings", {}).get("DAYBOOK_REPORTING_CURRENCY", ""))


def origin(warehouse: Warehouse, day: date) -> Mapping[str, Any]:
    """What the file knows of the making of the day's activity."""
    rows = []
    if warehouse.has(day_origins.TABLE.name):
        query = f"SELECT origin FROM {day_origins.TABLE.name} WHERE table_name = ? AND ds = ? AND origin IS NOT NULL"
        rows = warehouse.rows(query, [ACTIVITY.name, day])
    return {"valid_from": {}, "own": {}, **(json.loads(rows[0][0]) if rows else {})}
