"""What every job does around its work: talk to a person, end with the right exit code, never outlive its parent."""

import ctypes
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable

from daybook.errors import DataError, DaybookError, RetryableError, UsageError

log = logging.getLogger("daybook")

_PR_SET_PDEATHSIG = 1
_UNITS = ("B", "kB", "MB", "GB", "TB")


def run(main: Callable[[], None]) -> int:
    """Run a job's main and turn what becomes of it into an exit code and, on failure, one last line."""
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", force=True)
    log.setLevel(logging.INFO)
    try:
        main()
    except DaybookError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return _failed(RetryableError("interrupted; nothing more is published", then="run the same command again"))
    except Exception as error:  # noqa: BLE001 -- the one place where anything becomes an exit code
        explained = _explained(error)
        if explained is None:
            traceback.print_exc()
            explained = RetryableError(f"unexpected {type(error).__name__}: {_first_line(error)}")
        return _failed(explained)
    return 0


def die_with_parent() -> None:
    """Ask the kernel to kill this driver with the spark-submit that started it: what is killed cannot publish."""
    if sys.platform == "linux" and "PYSPARK_GATEWAY_PORT" in os.environ:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def size(count: float) -> str:
    """Bytes as a person reads them."""
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {_UNITS[-1]}"


def _failed(error: DaybookError) -> int:
    then = f" -- next: {error.then}" if error.then else ""
    log.error("failed (exit %d): %s%s", error.exit_code, error, then)
    return error.exit_code


# Java exceptions by what they mean for the caller. The first name found in the chain of causes decides.
_VANISHED = ("FileNotFoundException", "NoSuchKey")
_REFUSED = ("permission denied", "UnauthorizedException", "AccessDenied", "403 Forbidden")
_BAD_DATA = ("SparkArithmeticException", "ArithmeticException", "BadRecordException", "no exchange rate of the day")


def _explained(error: Exception) -> DaybookError | None:
    """A Java failure as one line, or None when this is no Java failure."""
    # py4j's own errors keep the Java exception under the one name, pyspark's under the other
    java = getattr(error, "java_exception", getattr(error, "_origin", None))
    if java is None:
        return None
    chain = _causes(java)
    root = chain[-1]
    if any(name in line for line in chain for name in _VANISHED):
        return RetryableError(f"a file was replaced while reading: {root}", then="run the same command again")
    if any(name in line for line in chain for name in _REFUSED):
        return UsageError(root, then="give the account its rights (README, “Your own databases”)")
    if any(name in line for line in chain for name in _BAD_DATA):
        return DataError(f"a value does not fit its type: {root}")
    return RetryableError(root, then="see that the servers are up, then run the same command again")


def _causes(java: object) -> list[str]:
    """The first line of each exception in the chain of causes, outermost first."""
    lines: list[str] = []
    current = java
    while current is not None and len(lines) < 20:
        lines.append(_first_line(current.toString()))  # type: ignore[attr-defined]
        current = current.getCause()  # type: ignore[attr-defined]
    return lines


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [""])[0]
