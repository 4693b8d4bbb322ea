"""What the DAG makes, under the addresses that other DAGs know it by, and what an event of it says."""

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.sdk import Asset, Context

from daybook_tasks import places, results

GOLD = {table: Asset(f"{places.gold()}/{table}") for table in places.gold_tables()}
WAREHOUSE = Asset(places.warehouse().as_uri())
PAGE = Asset((places.pages() / "index.html").as_uri())


def tell_rows(context: Context, counted: Mapping[str, int | None] | None) -> None:
    """After verify: the events of gold and of the warehouse say which day, and how many rows (`results.ROWS`)."""
    found = {name: rows for name, rows in (counted or {}).items() if rows is not None}
    rejected = {"rejected": found.pop(results.REJECTED)} if results.REJECTED in found else {}
    days = _days(context)
    for table, asset in GOLD.items():
        rows = {"rows": found[table]} if table in found else {}
        context["outlet_events"][asset].extra = {**days, **rows, **rejected}
    total = {"rows": sum(found.values())} if found else {}
    context["outlet_events"][WAREHOUSE].extra = {**days, **total, **rejected}


def tell_verdict(context: Context, _: Any) -> None:
    """After page: its event says which day, and whether it may be used; of several, the worst, which it names."""
    days = _days(context)
    day = results.worst(results.verdicts(days["ds"], days.get("to", days["ds"])))
    verdict, which = results.verdict(day), {"day": day} if "to" in days else {}
    context["outlet_events"][PAGE].extra = {**days, **which, "verdict": verdict.state, "headline": verdict.headline}


def _days(context: Context) -> dict[str, str]:
    """The day of a Python job's task; of a range the first and the last, named as the DAG's parameters."""
    _, first, last, *_ = context["task"].op_args
    return {"ds": first} if first == last else {"ds": first, "to": last}
