"""What happened? Six numbers, each against yesterday and the median of the last four same weekdays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median

from daybook import days
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY as NOTIFICATIONS
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.contracts.gold_model import GoldTable
from daybook.page.facts import Compared, Figure, Point
from daybook.page.warehouse import LOADED, Status, Warehouse, shown_days

WEEKS = 4
FEWEST = 2  # same weekdays: of fewer a median says nothing


@dataclass(frozen=True)
class _Card:
    """A number of the page: an aggregate over a day's rows of a view."""

    name: str
    title: str
    table: GoldTable
    sql: str
    explained: str
    unit: str = ""


MONEY = "money"
CARDS = (
    _Card("active_users", "Active users", ACTIVITY, "count(*)", "users with an event, message or purchase"),
    _Card("hours", "Hours spent", ACTIVITY, "sum(total_spend_time_seconds) / 3600", "counted time inside the day", "h"),
    _Card("messages", "Messages", ACTIVITY, "sum(total_message_send_this_day)", "group messages written"),
    _Card(MONEY, "Money", ACTIVITY, "sum(total_money_spend_decimal)", "purchases, in the reporting currency", MONEY),
    _Card("sent", "Notifications sent", NOTIFICATIONS, "count(*)", "by day of sending"),
    _Card("success_rate", "Success rate", NOTIFICATIONS, "avg(is_success::INT)", "reacted to in time", "share"),
)

Values = Mapping[date, float | None]


def of_day(warehouse: Warehouse, day: date, status: list[Status], currency: str) -> dict[str, Figure]:
    """The day's numbers, by name; those of a table that the file has nothing of on the day are left out."""
    known = {each.table: each for each in status if each.is_loaded}
    found = {}
    for table in (ACTIVITY, NOTIFICATIONS):
        if table.name in known:
            cards = [card for card in CARDS if card.table is table]
            for card, values in zip(cards, _values(warehouse, table, cards, day), strict=True):
                found[card.name] = _figure(card, values, day, known[table.name], currency)
    return found


def _values(warehouse: Warehouse, table: GoldTable, cards: list[_Card], day: date) -> list[Values]:
    """What each card had on the days that a line and its band need; a day in the file without rows is 0."""
    first = days.shifted(shown_days(day)[0], -7 * WEEKS)
    columns = ", ".join(f"CAST({card.sql} AS DOUBLE)" for card in cards)
    query = (
        f"SELECT {table.day_column}, {columns} FROM {table.view} WHERE {table.day_column} BETWEEN ? AND ? GROUP BY 1"
    )
    rows = {row[0]: row[1:] for row in warehouse.rows(query, [first, day])}
    loaded = f"SELECT date FROM day_status WHERE table_name = ? AND date BETWEEN ? AND ? AND {LOADED}"
    there = [row[0] for row in warehouse.rows(loaded, [table.name, first, day])]
    nothing = tuple(None if card.unit == "share" else 0.0 for card in cards)
    return [{of: rows.get(of, nothing)[n] for of in there} for n in range(len(cards))]


def _figure(card: _Card, values: Values, day: date, status: Status, currency: str) -> Figure:
    value, same = values[day], _same_weekdays(values, day)
    usual = median(same) if len(same) >= FEWEST else None
    return Figure(
        title=card.title,
        unit=currency if card.unit == MONEY else card.unit,
        explained=card.explained,
        value=value,
        is_final=status.is_final,
        final_after=status.final_after,
        yesterday=_compared(card, value, values.get(days.shifted(day, -1)), 1),
        usual=_compared(card, value, usual, len(same)),
        history=tuple(_point(values, of) for of in shown_days(day)),
    )


def _same_weekdays(values: Values, day: date) -> list[float]:
    before = (values.get(days.shifted(day, -7 * weeks)) for weeks in range(1, WEEKS + 1))
    return [value for value in before if value is not None]


def _compared(card: _Card, value: float | None, other: float | None, of_days: int) -> Compared:
    if value is None or other is None:
        return Compared(other, None, of_days)
    if card.unit == "share":
        return Compared(other, value - other, of_days)
    return Compared(other, value / other - 1 if other else None, of_days)


def _point(values: Values, day: date) -> Point:
    same = _same_weekdays(values, day)
    low, high = (min(same), max(same)) if len(same) >= FEWEST else (None, None)
    return Point(day, values.get(day), low, high)
