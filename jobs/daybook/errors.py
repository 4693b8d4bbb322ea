"""The ways a job can fail, each with its exit code and the command that continues."""


class DaybookError(Exception):
    """A failure a person can act on: one line, an exit code, and what to do next."""

    exit_code = 1

    def __init__(self, message: str, then: str | None = None) -> None:
        """Say what is wrong and where; `then` is the command or step that continues."""
        super().__init__(message)
        self.then = then


class RetryableError(DaybookError):
    """May pass on a retry: a server is away, a race was lost, an input is not there yet."""

    exit_code = 1


class UsageError(DaybookError):
    """Wrong arguments or settings: nothing was started."""

    exit_code = 2


class DataError(DaybookError):
    """The data broke a contract: nothing was published."""

    exit_code = 3
