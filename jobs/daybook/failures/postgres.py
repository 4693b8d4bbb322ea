"""What PostgreSQL's refusals mean, by SQLSTATE (appendix A of its manual; the JDBC driver uses a few more)."""

from collections.abc import Mapping, Sequence

from daybook.errors import GRANT, WHEN_UP, DataError, DaybookError, RetryableError, UsageError
from daybook.failures import causes, postgres_words
from daybook.failures.causes import Cause
from daybook.settings import Postgres

EXCEPTION = "org.postgresql.util.PSQLException"
NO_RIGHT, NO_LOCK = "42501", "55P03"
BAD_TEXT = ("22021", "22P05")  # not of its encoding; without counterpart in UTF-8
_HIDES_ROWS = "give the role BYPASSRLS, or make a view for the purpose, owned by who sees all rows"
_AGAIN = "run the same command again"
_REPAIR = DataError.then
_LESS = "wait until fewer sessions are open, or raise the limit that it names, then run the same command again"
_TIMEOUT = "see who ended it (ALTER ROLE {user} RESET statement_timeout?), then run the same command again"
_VIEW = (
    "repair the view or function that {schema}'s tables are made of (the server's log has its words), then run the "
    "same command again"
)
_SERVER = "see the server's log, then run the same command again"

# The longest prefix counts. What is not listed may pass.
STATES: Mapping[str, tuple[type[DaybookError], str]] = {
    "": (RetryableError, _AGAIN),
    "08": (RetryableError, WHEN_UP),  # connection
    "08004": (UsageError, "correct PGSSLMODE"),  # JDBC: the server speaks no TLS
    "08P01": (RetryableError, _SERVER),  # protocol violation
    "0A": (DataError, _VIEW),  # feature not supported
    "21": (DataError, _VIEW),  # more than one row from a subquery
    "22": (DataError, _VIEW),  # a value that an expression of a view does not take
    **dict.fromkeys(BAD_TEXT, (DataError, _REPAIR)),
    "25": (RetryableError, _AGAIN),  # transaction state: ended for idling, or for its length
    "25006": (DataError, _VIEW),  # a function that writes
    "28": (UsageError, "correct PGUSER or PGDATABASE, or the server's pg_hba.conf"),
    "28P01": (UsageError, "correct PGUSER or PGPASSWORD"),
    "2F": (DataError, _VIEW),  # SQL routine
    "38": (DataError, _VIEW),  # external routine
    "39": (DataError, _VIEW),
    "3D000": (UsageError, "correct PGDATABASE"),
    "3F000": (UsageError, "correct PG_SCHEMA"),
    "40": (RetryableError, _AGAIN),  # rolled back: deadlock, serialization, conflict with recovery
    "42": (DataError, _VIEW),  # a view or function that names what is not there
    NO_RIGHT: (UsageError, GRANT),
    "53": (RetryableError, _LESS),  # resources
    "53100": (RetryableError, "make room on the server's disk, then run the same command again"),
    "53200": (RetryableError, "free memory on the server, then run the same command again"),
    "54": (DataError, _VIEW),  # program limits
    "55": (RetryableError, "see that the database accepts connections, then run the same command again"),
    NO_LOCK: (RetryableError, "run the same command again when nobody locks the tables"),
    "57": (RetryableError, WHEN_UP),  # operator intervention: shutdown, crash, starting up
    "57014": (RetryableError, _TIMEOUT),
    "57P05": (RetryableError, _AGAIN),  # idle session timeout
    "58": (RetryableError, _SERVER),  # the server's system
    "72": (RetryableError, _AGAIN),  # snapshot too old
    "F0": (RetryableError, _SERVER),
    "HV": (RetryableError, "see that the foreign server is up, then run the same command again"),
    "P0": (DataError, _VIEW),  # PL/pgSQL: what a function raised
    "XX": (RetryableError, _SERVER),
    "XX001": (DataError, "repair the table (the server's log says which page), then run the same command again"),
    "XX002": (DataError, "rebuild the index (REINDEX), then run the same command again"),
}


def explained(settings: Postgres, state: str, said: str, then: str | None = None) -> DaybookError:
    """A failure with that code, of which that is told; `then` is the next step where somebody knows a better one."""
    kind, usual = _meaning(state)
    known = then or usual.format(user=settings.user, schema=settings.schema)
    return kind(f"{settings.where}: {said}", then=known)


def of_data(state: str, schema: str) -> str | None:
    """The next step where what failed is the data, or how a view makes it; None where it is not."""
    kind, then = _meaning(state)
    return then.format(schema=schema) if kind is DataError else None


def of_java(settings: Postgres, cause: Cause, then: str | None = None) -> DaybookError:
    """The failure that an exception of the JDBC driver's tells of."""
    code, server = cause.java.getSQLState() or "", cause.java.getServerErrorMessage()
    known = then or (hidden(server.getRoutine()) if server else None)
    return explained(settings, code, postgres_words.of_jdbc(cause), known)


def sqlstate(found: Sequence[Cause]) -> str:
    """The code of PostgreSQL's own exception in the chain; nothing if there is none."""
    cause = causes.last(found, EXCEPTION)
    return (cause.java.getSQLState() if cause else None) or ""


def hidden(routine: str | None) -> str | None:
    """What to do where the server would show a part of the rows only; None where it is not that."""
    return _HIDES_ROWS if routine == postgres_words.HIDES_ROWS_ROUTINE else None


def _meaning(state: str) -> tuple[type[DaybookError], str]:
    return STATES[next(state[:length] for length in range(len(state), -1, -1) if state[:length] in STATES)]
