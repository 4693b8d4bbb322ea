"""What PostgreSQL says of a failure, where it can quote nothing of a row; elsewhere what its code means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daybook.failures.causes import Cause

if TYPE_CHECKING:  # the loader has none
    import psycopg2

# The server's own name for the place that refuses to show only a part of the rows, also inside a function.
HIDES_ROWS_ROUTINE = "check_enable_rls"
# Their words name servers, accounts, tables and limits. Of all others the primary message may hold a value, too: class
# 22 quotes the text that is no time, and a function raises what it likes, under any code.
_NAMES_ONLY = ("08", "25P", "28", "3D", "3F", "40", "42501", "53", "55", "57", "72", "XX001", "XX002")


def of_psycopg2(error: psycopg2.Error) -> str:
    """What is told of a failure that bears a code."""
    said = error.diag
    foreign = bool(said.context) and said.source_function != HIDES_ROWS_ROUTINE
    return _told(error.pgcode or "", said.message_primary, said.message_detail, foreign)


def of_jdbc(cause: Cause) -> str:
    """What is told of the JDBC driver's exception: of the driver's own words, those of a lost line."""
    code, said = cause.java.getSQLState() or "", cause.java.getServerErrorMessage()
    if said is None:
        return _told(code, cause.reason, None, foreign=False)
    foreign = bool(said.getWhere()) and said.getRoutine() != HIDES_ROWS_ROUTINE
    return _told(code, said.getMessage(), said.getDetail(), foreign)


def code_name(code: str) -> str:
    """A code with the name that the manual gives it."""
    from psycopg2 import errorcodes

    try:
        name: str = errorcodes.lookup(code)
    except KeyError:
        return f"SQLSTATE {code}"
    return f"{name.lower().replace('_', ' ')} (SQLSTATE {code})"


def _told(code: str, message: str | None, detail: str | None, foreign: bool) -> str:
    """The server's words, if they are of names only, and not `foreign`: without a function that had a part in them."""
    if not message or foreign or not code.startswith(_NAMES_ONLY):
        return code_name(code)
    return f"{message} ({detail.rstrip('.')})" if detail else message
