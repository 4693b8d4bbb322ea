"""The ways a job can fail, each with its exit code and the command that continues."""

from collections.abc import Sequence

WHEN_UP = "see that the server is up, then run the same command again"
GRANT = "grant it (README, “Your own databases”)"

_FOREMOST = (2, 3, 1)  # what a retry cannot help comes first


class DaybookError(Exception):
    """A failure a person can act on: one line, an exit code, and what to do next.

    The line never holds words of another program that may quote a row's value, or a secret.
    """

    exit_code = 1
    then = "run the same command again"

    def __init__(self, message: str, then: str | None = None) -> None:
        """Say what is wrong and where; `then` is the command or step that continues, if not the usual one."""
        super().__init__(message)
        self.then = then or self.then


class RetryableError(DaybookError):
    """May pass on a retry: a server is away, a race was lost, an input is not there yet."""

    exit_code = 1


class DayError(RetryableError):
    """May pass on a retry, and is of one table-day: the server is there, and gives the others."""


class StrangeError(RetryableError):
    """A failure that nobody foresaw, told by the name of its class: the log has where it arose."""


class UsageError(DaybookError):
    """Wrong arguments, settings or rights: a retry cannot help."""

    exit_code = 2
    then = "correct it, then run the same command again"


class DataError(DaybookError):
    """The data broke a contract: nothing was published."""

    exit_code = 3
    then = "nothing was published; repair the source or its contract, then run the same command again"


def foremost(failures: Sequence[DaybookError]) -> DaybookError:
    """Of several failures the one that ends a run: first 2, else 3, else 1; it says how many more."""
    first = min(failures, key=lambda failure: _FOREMOST.index(failure.exit_code))
    more = len(failures) - 1
    return type(first)(f"{first}; {more} more failed", first.then) if more else first


def told(error: Exception) -> str:
    """A failure in a line of a log: ours by its line, one of the system by its cause, any other by its class."""
    if isinstance(error, DaybookError):
        return str(error)
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def first_line(error: object) -> str:
    """The first line of an error's text; the name of its class where it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
