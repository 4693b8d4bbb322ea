"""What every job does around its work: end with the right exit code, and never outlive its parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

from daybook import settings
from daybook.errors import DaybookError, RetryableError, StrangeError, UsageError
from daybook.failures import java, stack_frames
from daybook.log import last_line, log, start_log
from daybook.process import watcher
from daybook.records import run_record

_PR_SET_PDEATHSIG = 1


def run(main: Callable[[], int | None]) -> int:
    """Run a job's main and turn what becomes of it into an exit code and, on failure, one last line.

    A main that says in lines of its own what is wrong returns the code.
    """
    start_log()
    die_with_parent()
    settings.without_empty(os.environ)
    try:
        start_log(settings.log_form())
        settings.refuse_accounts()
        settings.take_from_files(os.environ)
        with watcher.watched():
            return _ended(main)
    except KeyboardInterrupt:
        return _failed(RetryableError("interrupted; nothing more is published"))
    except UsageError as error:
        return _failed(error)


def _ended(main: Callable[[], int | None]) -> int:
    try:
        code = main() or 0
    except DaybookError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 -- the one place where anything becomes an exit code
        if was_interrupted(error):
            raise KeyboardInterrupt from None
        explained = java.explained(error) or StrangeError(f"unexpected {type(error).__name__}")
        tell_where(error, explained)
        return _failed(explained)
    run_record.end(code, last_line())
    return code


def tell_where(error: Exception, explained: DaybookError) -> None:
    """Log where a failure arose that nobody foresaw."""
    if isinstance(explained, StrangeError):
        log.error("unexpected, its words left out, which may quote a row:\n%s", stack_frames.told(error))


def was_interrupted(error: BaseException) -> bool:
    """Whether it is what cleaning up met after Ctrl-C, which had ended the JVM, too."""
    context = error.__context__
    return context is not None and (isinstance(context, KeyboardInterrupt) or was_interrupted(context))


def die_with_parent() -> None:
    """Ask the kernel to kill this driver with the spark-submit that started it: what is killed cannot publish."""
    if sys.platform == "linux" and "PYSPARK_GATEWAY_PORT" in os.environ:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _failed(error: DaybookError) -> int:
    # Before the line that must be the last.
    run_record.end(error.exit_code, f"failed (exit {error.exit_code}): {error} -- next: {error.then}")
    fields = {"exit": error.exit_code, "next": error.then}
    log.error("failed (exit %d): %s -- next: %s", error.exit_code, error, error.then, extra={"fields": fields})
    return error.exit_code
