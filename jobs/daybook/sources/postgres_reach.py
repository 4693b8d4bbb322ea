"""How far PostgreSQL is: a primary by its clock, a standby by the last commit that it has replayed.

A standby shows nothing that it has not replayed, whatever its clock says, and neither its LSN nor its receiver tells
how old that is: the server that it follows may itself be behind. Commits bear the time of the primary that made them.
"""

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from psycopg2.extensions import connection as Connection

from daybook.log import log
from daybook.settings import Postgres
from daybook.sources import reach
from daybook.sources.postgres_connection import connect, explaining
from daybook.sources.reach import Reach

# The time of the last commit is set once the commit shows, never before.
_HOW_FAR = """
SELECT pg_is_in_recovery(),
       CASE WHEN pg_is_in_recovery() THEN pg_last_xact_replay_timestamp() ELSE clock_timestamp() END"""
# What a subscription fills comes from a server that this one knows nothing of. Its name everybody may read here, and in
# pg_subscription from version 14 on only; a subscription has a row for each of its processes.
_SUBSCRIBED = """
SELECT DISTINCT r.srrelid::regclass::text, s.subname::text
FROM pg_subscription_rel r JOIN pg_stat_subscription s ON s.subid = r.srsubid
WHERE r.srrelid = ANY(%s) ORDER BY 1, 2"""
_WHEN_REPLAYED = (
    "run the same command again when it has replayed more; if its primary is idle, any commit there moves it on "
    "(SELECT txid_current())"
)


def replayed(where: str, until: datetime | None) -> Reach:
    """The reach of a standby that has replayed commits up to this time; None: not one since it was started."""
    told = f"up to {reach.written(until)}" if until else "no transaction since its start"
    # The primary's clock may be ahead.
    counts = min(until, datetime.now(UTC)) if until else None
    return Reach(counts, f"{where}: a standby that has replayed {told}", _WHEN_REPLAYED)


def ask(settings: Postgres, connection: Connection) -> tuple[Reach, datetime | None]:
    """How far the server is, in a transaction of its own; and the last commit replayed, if it is a standby."""
    with connection, connection.cursor() as cursor:
        cursor.execute(_HOW_FAR)
        in_recovery, until = cursor.fetchone() or (False, None)
    if in_recovery:
        return replayed(settings.where, until), until
    return reach.by_clock(settings.where, until), None


def wait(settings: Postgres, day: date, settle: timedelta) -> None:
    """Give a server that is not quite far enough for the day a minute, before anything is held there.

    Raises:
        RetryableError: the server is not reached, or went away.
        UsageError: it refuses the login.
    """
    with explaining(settings, ()), closing(connect(settings)) as connection:
        reach.awaited(lambda: ask(settings, connection)[0], day, settle)


def warn_of_subscriptions(settings: Postgres, connection: Connection, relations: Collection[int]) -> None:
    """Say which of the relations a subscription fills: how far behind its publisher it is, this server cannot tell."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBSCRIBED, (list(relations),))
        for table, subscription in cursor.fetchall():
            line = "%s: %s is filled by subscription %s, which may be behind: no day of it is known to be complete"
            log.warning(line, settings.where, table, subscription)
