"""A warehouse file of the real tables with a fortnight in it, loaded as the loader does: what an analyst finds.

Anna comes every day, Bert no more after the first week, Carl every second day. On the tenth day a purchase was missed;
the source was read again, and the day, final by then, was restated.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from daybook.contracts import GOLD_TABLES, SOURCE_TABLES
from daybook.contracts.global_notif_impact_per_day import GLOBAL_NOTIF_IMPACT_PER_DAY as IMPACT
from daybook.contracts.global_user_activity_per_day import GLOBAL_USER_ACTIVITY_PER_DAY as ACTIVITY
from daybook.contracts.gold_model import GoldTable
from daybook.contracts.rejected_rows_per_day import REJECTED_ROWS_PER_DAY as REJECTED
from daybook.contracts.source_ledger_per_day import SOURCE_LEDGER_PER_DAY as LEDGER
from daybook.warehouse import file_settings
from tests.kit import warehouse as kit
from tests.kit.gold_rows import gold_row
from tests.kit.warehouse import ANNA, BERT, MemoryStore, Row, day

CARL = "cccccccc-0000-4000-8000-000000000003"
DAYS = [day(number) for number in range(14)]
RESTATED = day(9)
MISSED = 0.1  # in the reporting currency
_MINUTES = timedelta(minutes=20)


def users_of(on: date) -> list[str]:
    """Who comes on the day."""
    number = DAYS.index(on)
    return [ANNA] + [BERT] * (number < 7) + [CARL] * (number % 2)


def activity(on: date, missed: float = 0) -> list[Row]:
    """The users' day: two visits of ten minutes each, a message, and a purchase of Anna's that no double holds."""
    spent = {ANNA: 19.99 + missed}
    return [
        gold_row(
            ACTIVITY,
            user_id=user,
            date=on,
            total_nbr_connexion=2,
            total_spend_time=_MINUTES,
            total_message_send_this_day=1,
            total_money_spend=round(spent.get(user, 0.0), 2),
        )
        for user in users_of(on)
    ]


def impact(on: date) -> list[Row]:
    """Anna reads two notifications before her visits, which count after both, but at weekends; Bert reads none."""
    reads = on.weekday() < 5
    after = _MINUTES if reads else None
    of_anna = gold_row(
        IMPACT,
        user_id=ANNA,
        content_notif="a discount",
        notif_date=on,
        is_success=reads,
        time_spend_after_success=after,
    )
    return [of_anna, of_anna, gold_row(IMPACT, user_id=BERT, notif_date=on)]


def rejected(table: str, on: date) -> int:
    """How many of a table's hundred rows of the day were rejected: purchases ever more."""
    return DAYS.index(on) if table == "user_purchases" else 0


def ledger(on: date) -> list[Row]:
    """What became of the day's rows of every source table."""
    read_at = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(days=1, minutes=15)
    return [
        gold_row(
            LEDGER,
            date=on,
            source_table=table.name,
            source_rows=100 if table.source == "postgres" else None,
            bronze_rows=100,
            silver_rows=100 - lost,
            rejected_rows=lost,
            duplicate_rows=0,
            is_complete=True,
            read_at=read_at,
        )
        for table in SOURCE_TABLES
        for lost in [rejected(table.name, on)]
    ]


def reasons(on: date) -> list[Row]:
    """Why they were rejected."""
    lost = rejected("user_purchases", on)
    row = gold_row(REJECTED, date=on, source_table="user_purchases", reason="currency:no_rate", rejected_rows=lost)
    return [row] if lost else []


# What makes a day's rows of a table; of another there are none.
FILLED: Mapping[GoldTable, Callable[[date], list[Row]]] = {
    ACTIVITY: activity,
    IMPACT: impact,
    LEDGER: ledger,
    REJECTED: reasons,
}


def origin(on: date, reading: int = 1) -> Mapping[str, Any]:
    """What a gold day was made from: the source's reading, and the rate of a dollar, renewed once, and too late."""
    rates = {"EUR": "1", "USD": "0.95" if on < day(7) else "0.9"}
    valid_from = {"USD": str(day(-3) if on < day(7) else day(7))}
    silver = {"manifests": {"bronze": f"reading {reading}"}, "meaning_version": 1, "settings": {}, "rates": rates}
    own = {"meaning_version": 1, "settings": {"DAYBOOK_REPORTING_CURRENCY": "EUR"}, "rates": rates}
    return {"inputs": {"silver": silver}, "own": own, "valid_from": valid_from, "forced": False, "own_run": True}


def absent(table: GoldTable, on: date) -> set[date]:
    """The days that the table reads for the day, and that nobody has run."""
    return {read for name in table.reads for read in table.days_read(name, [on])} - set(DAYS)


def fill(path: Path, folder: Path) -> Path:
    """Load it to `path`, by way of a lake in memory and files in `folder`."""
    store = MemoryStore(folder)

    def publish(table: GoldTable, on: date, rows: Sequence[Row], version: int = 1) -> None:
        made = origin(on, reading=version)
        store.publish(table.name, on, rows, version, absent=absent(table, on), origin=made)

    for on in DAYS:
        for table in GOLD_TABLES:
            publish(table, on, FILLED[table](on) if table in FILLED else ())
    kit.load(store, path, DAYS, GOLD_TABLES, remember={file_settings.FIRST_DAY: str(DAYS[0])})
    publish(ACTIVITY, RESTATED, activity(RESTATED, MISSED), version=2)
    kit.load(store, path, [RESTATED], GOLD_TABLES)
    return path
