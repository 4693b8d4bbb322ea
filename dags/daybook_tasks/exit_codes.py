"""What a job's exit code says about another try."""

import re
from collections.abc import Sequence
from subprocess import CalledProcessError
from typing import Any

try:
    from airflow.sdk import RetryDecision, RetryPolicy
except ImportError:  # before Airflow 3.3 a Python job is tried again whatever its exit code
    RetryPolicy = None

# Wrong arguments or settings; data that broke a contract: running the same again ends the same.
FINAL = (2, 3)
# The last line of a job that failed. Without a code another said it in the job's place: then the exit code is that of
# its JVM, and means other things. DAYBOOK_LOG says whether lines are text or JSON.
_LAST_LINE = re.compile(r'(?:Z ERROR |"message": ")failed(?P<code> \(exit \d\))?: ')


def last_line(printed: Sequence[str]) -> str:
    """Of the lines that a job printed the one that says why it failed; the last where none does."""
    return next((line for line in printed if _LAST_LINE.search(line)), printed[-1])


def is_final(code: int, told: str) -> bool:
    """Whether a Spark job that ended with this code and this last line would end the same again."""
    said = _LAST_LINE.search(told)
    return code in FINAL and (said is None or said["code"] is not None)


def as_told(code: int) -> int:
    """An exit code as a shell tells it: 137 where Python has -9, of a process that a signal ended."""
    return code if code >= 0 else 128 - code


def no_retry_of_final() -> dict[str, Any]:
    """The argument of an operator that lets it fail at once where a Python job's exit code is final."""
    if RetryPolicy is None:
        return {}

    class NoRetryOfFinal(RetryPolicy):
        def evaluate(self, exception: BaseException, *_: Any, **__: Any) -> RetryDecision:
            ended = isinstance(exception, CalledProcessError) and _is_of_the_job(exception.cmd)
            if ended and exception.returncode in FINAL:
                return RetryDecision.fail(f"exit code {exception.returncode}: its last line above says what to mend")
            return RetryDecision.default()

    return {"retry_policy": NoRetryOfFinal()}


def _is_of_the_job(command: Sequence[str]) -> bool:
    """Whether it ran the job, by Airflow's script for it, and did not build its environment before.

    The installer's exit codes mean other things: uv ends with 2 where a download has failed.
    """
    return any(part.endswith("/script.py") for part in command)
